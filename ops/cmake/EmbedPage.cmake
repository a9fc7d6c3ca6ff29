# cmake -D OUTPUT=page_files.cc -D FOLDER=… -D NAMES=index.html,app.js -P EmbedPage.cmake
#
# Writes the files as C++ string literals: the list of ops/ctl/serve/page_file.h.
set(delimiter "page")
set(type_html "text/html; charset=utf-8")
set(type_css "text/css; charset=utf-8")
set(type_js "text/javascript; charset=utf-8")
set(type_svg "image/svg+xml")

string(REPLACE "," ";" names "${NAMES}")
set(rows "")
foreach(name IN LISTS names)
  file(READ "${FOLDER}/${name}" text)
  string(FIND "${text}" ")${delimiter}\"" end_of_literal)
  if(NOT end_of_literal EQUAL -1)
    message(FATAL_ERROR "${name} contains the end of the literal that would hold it")
  endif()
  string(REGEX REPLACE "^.*\\." "type_" type "${name}")
  if(NOT DEFINED ${type})
    message(FATAL_ERROR "${name}: what is its content type?")
  endif()
  set(path "/${name}")
  if(name STREQUAL "index.html")
    set(path "/")
  endif()
  string(APPEND rows "    {\"${path}\", \"${${type}}\", R\"${delimiter}(${text})${delimiter}\"},\n")
endforeach()

file(WRITE "${OUTPUT}" "#include \"ops/ctl/serve/page_file.h\"

namespace ctl {
namespace {

constexpr PageFile kFiles[] = {
${rows}};

}  // namespace

std::span<const PageFile> PageFiles() { return kFiles; }

}  // namespace ctl
")
