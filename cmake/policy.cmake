# policy/ROOM.policy becomes the library policy_ROOM (policy/policies.h declares what is in it),
# all of them together policy_text (policy/texts.h, policy/syscall_names.h).
set(DOTKEEP_POLICY_OPTIONS "")
if(DOTKEEP_SANITIZE)
  set(DOTKEEP_POLICY_OPTIONS --overlay ${CMAKE_SOURCE_DIR}/policy/overlay/sanitizer.policy)
endif()

# Every policy file is a dependency of each, because one may inherit from others.
file(GLOB DOTKEEP_POLICY_FILES CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/policy/*.policy
  ${CMAKE_SOURCE_DIR}/policy/overlay/*.policy)

function(dotkeep_policy_source output)
  add_custom_command(OUTPUT ${output}
    COMMAND policyc ${DOTKEEP_POLICY_OPTIONS} --arch ${CMAKE_SYSTEM_PROCESSOR} --out ${output} ${ARGN}
    DEPENDS policyc ${DOTKEEP_POLICY_FILES}
    COMMENT "policyc ${output}"
    VERBATIM)
endfunction()

# dotkeep_policy(ROOM): the library policy_ROOM.
function(dotkeep_policy room)
  set(output ${CMAKE_CURRENT_BINARY_DIR}/${room}.cc)
  dotkeep_policy_source(${output} ${CMAKE_CURRENT_SOURCE_DIR}/${room}.policy)
  add_library(policy_${room} STATIC ${output})
  target_link_libraries(policy_${room} PRIVATE dotkeep_sealed_code)
  target_include_directories(policy_${room} PUBLIC ${CMAKE_SOURCE_DIR})
endfunction()

# dotkeep_policy_texts(ROOM...): the library policy_text.
function(dotkeep_policy_texts)
  set(files "")
  foreach(room ${ARGN})
    list(APPEND files ${CMAKE_CURRENT_SOURCE_DIR}/${room}.policy)
  endforeach()
  set(output ${CMAKE_CURRENT_BINARY_DIR}/texts.cc)
  dotkeep_policy_source(${output} --texts ${files})
  add_library(policy_text STATIC ${output})
  target_link_libraries(policy_text PRIVATE dotkeep_sealed_code)
  target_include_directories(policy_text PUBLIC ${CMAKE_SOURCE_DIR})
endfunction()
