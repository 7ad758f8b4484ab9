# The imported target `wolfssl`: built once into a cache outside the build trees by
# tools/build-wolfssl, from an archive pinned by its hash; what is in it is policy/wolfssl/.

# dotkeep_wolfssl(TARGET profile...): imports the wolfSSL of these profiles.
function(dotkeep_wolfssl target)
  set(arguments --cc ${CMAKE_C_COMPILER})
  # The flags that change what an object may be linked with; optimisation is the script's.
  separate_arguments(flags UNIX_COMMAND "${CMAKE_C_FLAGS} ${CMAKE_CXX_FLAGS}")
  list(FILTER flags INCLUDE REGEX "^(-fsanitize=.+|-m[a-z0-9=-]+)$")
  if(DOTKEEP_SANITIZE MATCHES "address")
    # Address only: wolfSSL has undefined arithmetic of its own that is not ours to stop at.
    list(APPEND flags -fsanitize=address)
  endif()
  if(DOTKEEP_SANITIZE MATCHES "memory")
    list(APPEND flags -fsanitize=memory)
  endif()
  list(REMOVE_DUPLICATES flags)
  list(JOIN flags " " flags)
  list(APPEND arguments "--flags=${flags}")
  foreach(profile ${ARGN})
    list(APPEND arguments --profile ${profile})
    set_property(DIRECTORY ${CMAKE_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
      ${CMAKE_SOURCE_DIR}/policy/wolfssl/${profile}.profile)
  endforeach()
  if(DOTKEEP_WOLFSSL_ARCHIVE)
    list(APPEND arguments --archive ${DOTKEEP_WOLFSSL_ARCHIVE})
  endif()
  execute_process(COMMAND ${CMAKE_SOURCE_DIR}/tools/build-wolfssl ${arguments}
    OUTPUT_VARIABLE folder OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE result)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "wolfSSL could not be built; the reason is above")
  endif()
  message(STATUS "${target}: ${folder}")
  add_library(${target} STATIC IMPORTED GLOBAL)
  set_target_properties(${target} PROPERTIES
    IMPORTED_LOCATION ${folder}/lib/libwolfssl.a
    INTERFACE_INCLUDE_DIRECTORIES ${folder}/include
    INTERFACE_COMPILE_DEFINITIONS WOLFSSL_USER_SETTINGS)
endfunction()

set_property(DIRECTORY ${CMAKE_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
  ${CMAKE_SOURCE_DIR}/tools/build-wolfssl ${CMAKE_SOURCE_DIR}/policy/wolfssl/hooks.h)
dotkeep_wolfssl(wolfssl client)
# It asks for randomness and the date from tls (wolfssl_port.cc), which asks it for everything else:
# a cycle of two archives, which the linker must be told of.
set_property(TARGET wolfssl PROPERTY INTERFACE_LINK_LIBRARIES tls)

# Not under libFuzzer: fuzz/tls.cc and fuzz/certificate.cc stand for these tests there, without a second wolfSSL.
if(DOTKEEP_TESTS AND NOT DOTKEEP_FUZZ)
  add_subdirectory(${CMAKE_SOURCE_DIR}/tests/tls ${CMAKE_BINARY_DIR}/tests/tls)
endif()
