# One target per parser: fuzz/NAME.cc with seeds in fuzz/seeds/NAME/. With DOTKEEP_FUZZ it is a
# libFuzzer program; otherwise it is an ordinary test that replays its seeds.
function(dotkeep_fuzz name)
  if(DOTKEEP_FUZZ)
    add_executable(fuzz_${name} ${CMAKE_SOURCE_DIR}/fuzz/${name}.cc)
    target_link_libraries(fuzz_${name} PRIVATE dotkeep_options ${ARGN})
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
  endif()
  if(DOTKEEP_TESTS AND NOT DOTKEEP_FUZZ)  # a fuzz target runs its seeds first anyway
    if(NOT TARGET replay_main)
      add_library(replay_main OBJECT ${CMAKE_SOURCE_DIR}/fuzz/replay_main.cc)
      target_link_libraries(replay_main PRIVATE dotkeep_options)
    endif()
    add_executable(replay_${name} ${CMAKE_SOURCE_DIR}/fuzz/${name}.cc)
    target_link_libraries(replay_${name} PRIVATE replay_main dotkeep_options ${ARGN})
    add_test(NAME fuzz.${name}.seeds
      COMMAND replay_${name} ${CMAKE_SOURCE_DIR}/fuzz/seeds/${name})
  endif()
endfunction()
