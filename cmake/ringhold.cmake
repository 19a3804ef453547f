# The one way in which this project declares its targets: same warnings, same sanitizers, same include root.

add_library(ringhold_flags INTERFACE)
target_include_directories(ringhold_flags INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(ringhold_flags INTERFACE -Wall -Wextra -Wconversion -Wshadow -Wno-missing-field-initializers)
target_compile_definitions(ringhold_flags INTERFACE RINGHOLD_VERSION="${PROJECT_VERSION}")
if(RINGHOLD_WERROR)
  target_compile_options(ringhold_flags INTERFACE -Werror)
endif()
if(RINGHOLD_SANITIZE)
  target_compile_options(ringhold_flags INTERFACE -fsanitize=${RINGHOLD_SANITIZE} -fno-omit-frame-pointer
                                                  -fno-sanitize-recover=all)
  target_link_options(ringhold_flags INTERFACE -fsanitize=${RINGHOLD_SANITIZE})
  # GCC's own instrumentation makes it see uninitialised variables where there are none (GCC bug 105562 and others).
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(ringhold_flags INTERFACE -Wno-maybe-uninitialized)
  endif()
endif()
if(RINGHOLD_FUZZERS)
  # Every object carries coverage; only the fuzz targets link the fuzzing engine.
  target_compile_options(ringhold_flags INTERFACE -fsanitize=fuzzer-no-link)
  target_link_options(ringhold_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

# ringhold_library(NAME SOURCES file... LINKS target...)
# Every layer exists twice: as built for release, and (NAME_broken) with the canaries of common/base/bug.h
# compiled in, for ringhold-sim-broken alone. The second is built only when something links it.
function(ringhold_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS" ${ARGN})
  foreach(suffix "" "_broken")
    add_library(${name}${suffix} STATIC ${ARG_SOURCES})
    target_link_libraries(${name}${suffix} PUBLIC ringhold_flags)
    foreach(link ${ARG_LINKS})
      if(suffix AND link MATCHES "^rh_")
        target_link_libraries(${name}${suffix} PUBLIC ${link}_broken)
      else()
        target_link_libraries(${name}${suffix} PUBLIC ${link})
      endif()
    endforeach()
  endforeach()
  target_compile_definitions(${name}_broken PUBLIC RINGHOLD_BROKEN=1)
  set_target_properties(${name}_broken PROPERTIES EXCLUDE_FROM_ALL ON)
endfunction()
