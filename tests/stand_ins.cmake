# The product's programs with a stand-in linked in, and who starts them.
file(GLOB attempts CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/escape/*.cc)
list(FILTER attempts EXCLUDE REGEX "/(main|start|stand_in|unsealed|hostile|planted)\\.cc$")
add_library(escape_attempts STATIC ${attempts})
target_include_directories(escape_attempts PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(escape_attempts PUBLIC dotkeep_sealed_code)
dotkeep_precompile(escape_attempts base)

# What the stand-in puts itself in the place of.
set(wrapped _ZN7dotkeep7sandbox9keep_onlyESt4spanIKiLm18446744073709551615EE)
set(wrapped_of_rooms ${wrapped} _ZN7dotkeep3ipc4Loop3runERKNS_7sandbox6SealedE)
set(wrapped_of_tools ${wrapped} _ZN7dotkeep7sandbox4sealERKNS0_6PolicyERKNS0_9OnlyGivenERKNS0_6GrantsE)

# dotkeep_stand_in(ROOM KIND library...): dotkeep-ROOM as in src/, with the stand-in.
function(dotkeep_stand_in room kind)
  string(TOUPPER ${room} upper)
  add_executable(stand_in_${room} ${CMAKE_SOURCE_DIR}/src/${room}/main.cc escape/stand_in.cc)
  if(kind STREQUAL "rooms")
    target_sources(stand_in_${room} PRIVATE escape/hostile.cc)
    target_compile_definitions(stand_in_${room} PRIVATE STAND_IN_ROOM)
  endif()
  if(room STREQUAL "frontend")
    target_sources(stand_in_${room} PRIVATE escape/planted.cc)
    target_link_options(stand_in_${room} PRIVATE
      -Wl,--wrap=_ZN7dotkeep3dns11parse_queryESt4spanIKhLm18446744073709551615EE)
  endif()
  target_compile_definitions(stand_in_${room} PRIVATE STAND_IN_${upper} STAND_IN_NAME="${room}")
  target_link_libraries(stand_in_${room} PRIVATE ${ARGN} escape_attempts)
  foreach(symbol ${wrapped_of_${kind}})
    target_link_options(stand_in_${room} PRIVATE -Wl,--wrap=${symbol})
  endforeach()
  set_target_properties(stand_in_${room} PROPERTIES OUTPUT_NAME dotkeep-${room}
    RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/escape/libexec/dotkeep)
  dotkeep_harden_program(stand_in_${room})
  dotkeep_precompile(stand_in_${room} dotkeep-frontend)
  add_dependencies(stand_ins stand_in_${room})
endfunction()

add_custom_target(stand_ins)
dotkeep_stand_in(frontend rooms frontend_core)
dotkeep_stand_in(upstream rooms upstream_core)
dotkeep_stand_in(connector rooms connector_core)
dotkeep_stand_in(control rooms control_core)
dotkeep_stand_in(probe tools dotkeep_sealed_code tls sandbox policy_probe base)
dotkeep_stand_in(health tools dotkeep_sealed_code dns sandbox policy_health base)

add_executable(unsealed escape/unsealed.cc)
target_link_libraries(unsealed PRIVATE escape_attempts)
set_target_properties(unsealed PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/escape/libexec/dotkeep)
dotkeep_harden_program(unsealed)

add_executable(dotkeep-escape escape/main.cc escape/start.cc)
target_link_libraries(dotkeep-escape PRIVATE escape_attempts ipc sandbox base)
set_target_properties(dotkeep-escape PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/escape/bin)
dotkeep_harden_program(dotkeep-escape)

# The command itself is the product's, each time that one is built.
add_custom_command(OUTPUT ${CMAKE_BINARY_DIR}/escape/bin/dotkeep
  COMMAND ${CMAKE_COMMAND} -E copy $<TARGET_FILE:dotkeep> ${CMAKE_BINARY_DIR}/escape/bin/dotkeep
  DEPENDS dotkeep VERBATIM)
add_custom_target(stand_in_dotkeep DEPENDS ${CMAKE_BINARY_DIR}/escape/bin/dotkeep)
add_dependencies(stand_ins unsealed dotkeep-escape stand_in_dotkeep)
set_target_properties(stand_ins PROPERTIES EXCLUDE_FROM_ALL OFF)
add_test(NAME escape.denied COMMAND dotkeep-escape)
