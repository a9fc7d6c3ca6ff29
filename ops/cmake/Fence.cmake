# Writes the include rules at configure time for tests/architecture/fence_test.cc: each target's
# files and dependencies, and the headers that each third party brings. Nothing is listed twice:
# DEPENDS of add_module, add_program and add_suite is the allow-list (ADR 0001).

# brings_headers(PkgConfig::rdkafka librdkafka/): a name that ends in / is a folder.
function(brings_headers dependency)
  foreach(header IN LISTS ARGN)
    set_property(GLOBAL APPEND PROPERTY SLUICE_FENCE "headers ${dependency} ${header}")
  endforeach()
endfunction()

# The headers of the operating system: sockets, files, processes and threads. Nothing is linked for
# it, so it is named by INCLUDES os instead of DEPENDS.
brings_headers(os
  arpa/ dlfcn.h fcntl.h netdb.h netinet/ poll.h signal.h strings.h sys/ time.h unistd.h
  condition_variable filesystem fstream future iostream mutex thread
  pthread.h sanitizer/ ucontext.h)

# write_fence(FILE): writes all targets below the project's root.
function(write_fence file)
  get_property(lines GLOBAL PROPERTY SLUICE_FENCE)
  _fence_of_directory(${PROJECT_SOURCE_DIR} lines)
  list(JOIN lines "\n" text)
  file(WRITE ${file} "${text}\n")
endfunction()

function(_fence_of_directory directory lines_name)
  set(lines ${${lines_name}})
  get_property(targets DIRECTORY ${directory} PROPERTY BUILDSYSTEM_TARGETS)
  foreach(target IN LISTS targets)
    get_target_property(type ${target} TYPE)
    if(type STREQUAL "UTILITY")
      continue()
    endif()
    foreach(property SOURCES HEADER_SET)
      get_target_property(files ${target} ${property})
      if(files)
        foreach(name IN LISTS files)
          get_filename_component(path ${name} ABSOLUTE BASE_DIR ${directory})
          file(RELATIVE_PATH path ${PROJECT_SOURCE_DIR} ${path})
          list(APPEND lines "file ${target} ${path}")
        endforeach()
      endif()
    endforeach()
    foreach(property LINK_LIBRARIES INTERFACE_LINK_LIBRARIES SLUICE_INCLUDES)
      get_target_property(names ${target} ${property})
      if(names)
        foreach(name IN LISTS names)
          list(APPEND lines "depends ${target} ${name}")
        endforeach()
      endif()
    endforeach()
  endforeach()
  get_property(below DIRECTORY ${directory} PROPERTY SUBDIRECTORIES)
  foreach(subdirectory IN LISTS below)
    _fence_of_directory(${subdirectory} lines)
  endforeach()
  set(${lines_name} ${lines} PARENT_SCOPE)
endfunction()
