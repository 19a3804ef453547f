# Turns a text file into C++ source: a function that returns the file's bytes, and nothing that has to be found at run time.
#
#   cmake -DINPUT=page.html -DOUTPUT=page.cpp -DINCLUDE=proxy/page.h -DFUNCTION=page -P embed.cmake
#
# or, in a CMakeLists.txt, embed_text(page.html page.cpp INCLUDE proxy/page.h FUNCTION page): page.cpp then stands in
# CMAKE_CURRENT_BINARY_DIR. INCLUDE declares `std::string_view FUNCTION();` in the namespace ringhold.

function(embed_text input output)
  cmake_parse_arguments(ARG "" "INCLUDE;FUNCTION" "" ${ARGN})
  set(script ${CMAKE_CURRENT_FUNCTION_LIST_FILE})
  add_custom_command(
    OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/${output}
    COMMAND ${CMAKE_COMMAND} -DINPUT=${CMAKE_CURRENT_SOURCE_DIR}/${input} -DOUTPUT=${CMAKE_CURRENT_BINARY_DIR}/${output}
            -DINCLUDE=${ARG_INCLUDE} -DFUNCTION=${ARG_FUNCTION} -P ${script}
    DEPENDS ${input} ${script}
    VERBATIM)
endfunction()

if(NOT CMAKE_SCRIPT_MODE_FILE)
  return()
endif()

# Nothing in a raw string means anything but its end.
set(delimiter "RINGHOLD_TEXT")
file(READ "${INPUT}" text)
string(FIND "${text}" ")${delimiter}\"" end)
if(NOT end EQUAL -1)
  message(FATAL_ERROR "${INPUT} holds )${delimiter}\", which ends the string that it is embedded as; write it differently")
endif()
get_filename_component(name "${INPUT}" NAME)
file(WRITE "${OUTPUT}" "// Made from ${name} by cmake/embed.cmake.
#include \"${INCLUDE}\"

namespace ringhold {

std::string_view ${FUNCTION}() {
  static constexpr std::string_view kText = R\"${delimiter}(${text})${delimiter}\";
  return kText;
}

}  // namespace ringhold
")
