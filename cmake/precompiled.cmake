# With DOTKEEP_PRECOMPILE the standard library's headers, which take longer to read than most of our files to compile,
# are read once for all targets whose flags are the same. A build without it (clang, release) shows that every file
# includes what it needs.
set(DOTKEEP_STANDARD_HEADERS <algorithm> <array> <atomic> <bit> <charconv> <chrono> <cstdint> <cstring> <expected> <functional>
  <memory> <optional> <span> <string> <string_view> <utility> <vector>)

# dotkeep_precompile(TARGET READER [header...]): TARGET uses what READER has read; READER itself reads, and these headers
# of its own too.
function(dotkeep_precompile target reader)
  if(NOT DOTKEEP_PRECOMPILE)
    return()
  endif()
  if(target STREQUAL reader)
    target_precompile_headers(${target} PRIVATE ${DOTKEEP_STANDARD_HEADERS} ${ARGN})
  else()
    target_precompile_headers(${target} REUSE_FROM ${reader})
  endif()
endfunction()
