# One target per parser: fuzz/NAME.cc with seeds in fuzz/seeds/NAME/. With DOTKEEP_FUZZ it is a
# libFuzzer program; otherwise it is an ordinary test that replays its seeds.
function(dotkeep_fuzz name)
  set(of_rooms "(connector|control)_core")  # they bring flags of their own (no exceptions): nothing read for others fits
  if(DOTKEEP_FUZZ)
    add_executable(fuzz_${name} ${CMAKE_SOURCE_DIR}/fuzz/${name}.cc)
    target_link_libraries(fuzz_${name} PRIVATE dotkeep_options ${ARGN})
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
    if(NOT "${ARGN}" MATCHES "${of_rooms}")
      dotkeep_precompile(fuzz_${name} fuzz_name)
    endif()
  endif()
  if(DOTKEEP_TESTS AND NOT DOTKEEP_FUZZ)  # a fuzz target runs its seeds first anyway
    if(NOT TARGET replay_main)
      add_library(replay_main OBJECT ${CMAKE_SOURCE_DIR}/fuzz/replay_main.cc)
      target_link_libraries(replay_main PRIVATE dotkeep_options)
    endif()
    add_executable(replay_${name} ${CMAKE_SOURCE_DIR}/fuzz/${name}.cc)
    target_link_libraries(replay_${name} PRIVATE replay_main dotkeep_options ${ARGN})
    if(NOT "${ARGN}" MATCHES "${of_rooms}")
      dotkeep_precompile(replay_${name} replay_name)
    endif()
    add_test(NAME fuzz.${name}.seeds
      COMMAND replay_${name} ${CMAKE_SOURCE_DIR}/fuzz/seeds/${name})
  endif()
endfunction()
