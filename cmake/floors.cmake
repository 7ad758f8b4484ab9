# The floors of the house. A library names its floor and what it rests on; resting on the same
# floor or a higher one stops the configuration. tests/structure checks the same for #includes.

# dotkeep_floor(NAME FLOOR [library...]): src/NAME/*.cc as the static library NAME.
function(dotkeep_floor name floor)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*.cc)
  list(FILTER sources EXCLUDE REGEX "/main\\.cc$")
  if(sources)
    add_library(${name} STATIC ${sources})
    target_link_libraries(${name} PRIVATE dotkeep_sealed_code)
    set(scope PUBLIC)
  else()
    add_library(${name} INTERFACE)
    set(scope INTERFACE)
  endif()
  set_property(GLOBAL PROPERTY dotkeep_floor_${name} ${floor})
  foreach(below ${ARGN})
    get_property(its GLOBAL PROPERTY dotkeep_floor_${below})
    if(NOT "${its}" STREQUAL "" AND NOT its LESS floor)
      message(FATAL_ERROR "${name} (floor ${floor}) may not rest on ${below} (floor ${its})")
    endif()
    target_link_libraries(${name} ${scope} ${below})
  endforeach()
endfunction()

# dotkeep_program(NAME ROOM DIRECTORY library...): src/ROOM/*.cc as the program NAME.
function(dotkeep_program name room directory)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${room}/*.cc)
  if(NOT sources)
    message(STATUS "${name}: src/${room} is empty")
    return()
  endif()
  add_executable(${name} ${sources})
  target_link_libraries(${name} PRIVATE ${ARGN})
  set_target_properties(${name} PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/${directory}
    INTERPROCEDURAL_OPTIMIZATION ${DOTKEEP_LTO})
  dotkeep_harden_program(${name})
endfunction()
