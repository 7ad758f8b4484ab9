# How every object is compiled and every program linked.
# dotkeep_options: an interface target that all of our targets link.
add_library(dotkeep_options INTERFACE)
target_include_directories(dotkeep_options INTERFACE ${CMAKE_SOURCE_DIR}/src)
target_compile_options(dotkeep_options INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wold-style-cast
  -Wnon-virtual-dtor -Woverloaded-virtual -Wformat=2 -Wimplicit-fallthrough -Wcast-qual
  -fstack-protector-strong -fcf-protection=full -fstack-clash-protection
  -ftrivial-auto-var-init=zero -fno-omit-frame-pointer -fvisibility=hidden
  -ffunction-sections -fdata-sections
  # What is zeroed has a few hundred octets at most: stores, not `rep stos`, whose start alone costs more.
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<STREQUAL:${CMAKE_SYSTEM_PROCESSOR},x86_64>>:-mmemset-strategy=unrolled_loop:1024:noalign,libcall:-1:noalign>
  $<$<BOOL:${DOTKEEP_WERROR}>:-Werror>)
target_compile_definitions(dotkeep_options INTERFACE
  _GLIBCXX_ASSERTIONS
  ASIO_STANDALONE ASIO_DISABLE_THREADS ASIO_NO_DEPRECATED ASIO_NO_EXCEPTIONS ASIO_NO_TYPEID
  $<$<NOT:$<CONFIG:Debug>>:_FORTIFY_SOURCE=3>)
target_link_options(dotkeep_options INTERFACE
  -Wl,-z,relro,-z,now,-z,noexecstack,-z,separate-code,--gc-sections,-z,pack-relative-relocs)

# Code that runs in a sealed worker: no exceptions, no RTTI.
add_library(dotkeep_sealed_code INTERFACE)
target_link_libraries(dotkeep_sealed_code INTERFACE dotkeep_options)
target_compile_options(dotkeep_sealed_code INTERFACE -fno-exceptions -fno-rtti)

if(DOTKEEP_SANITIZE)
  # A sanitizer's runtime needs calls and memory that a sealed worker lacks: policyc adds the
  # overlay of policy/overlay/ to every policy, and `dotkeep version` says so.
  add_compile_options(-fsanitize=${DOTKEEP_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${DOTKEEP_SANITIZE})
  add_compile_definitions(DOTKEEP_SANITIZER_OVERLAY)
  set(DOTKEEP_STATIC OFF)
endif()

# Programs are position independent and, but for sanitizer and coverage builds, wholly static.
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
function(dotkeep_harden_program target)
  if(DOTKEEP_STATIC)
    target_link_options(${target} PRIVATE -static-pie)
  else()
    target_link_options(${target} PRIVATE -pie)
  endif()
endfunction()
