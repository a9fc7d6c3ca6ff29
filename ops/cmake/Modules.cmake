include(GoogleTest)

# In all of these, DEPENDS lists what the sources may include besides their own headers. INCLUDES
# lists what needs no linking (ops/cmake/Fence.cmake).

# add_module(common_json SOURCES … HEADERS … DEPENDS …): one library per folder. The dev preset
# compiles each header alone, except those that a source of the same name includes first
# (tests/architecture checks that): such a source proves the same.
function(add_module name)
  cmake_parse_arguments(ARG "" "" "SOURCES;HEADERS;DEPENDS;INCLUDES" ${ARGN})
  if(ARG_SOURCES)
    add_library(${name} STATIC ${ARG_SOURCES})
    set(scope PUBLIC)
  else()
    add_library(${name} INTERFACE)
    set(scope INTERFACE)
  endif()
  set(headers_alone)
  foreach(header IN LISTS ARG_HEADERS)
    string(REGEX REPLACE "\\.h$" ".cc" source ${header})
    if(NOT source IN_LIST ARG_SOURCES)
      list(APPEND headers_alone ${header})
    endif()
  endforeach()
  target_sources(${name} ${scope} FILE_SET HEADERS
    BASE_DIRS ${PROJECT_SOURCE_DIR} FILES ${ARG_HEADERS})
  if(headers_alone)
    target_sources(${name} ${scope} FILE_SET headers_alone TYPE HEADERS
      BASE_DIRS ${PROJECT_SOURCE_DIR} FILES ${headers_alone})
    set_target_properties(${name} PROPERTIES INTERFACE_HEADER_SETS_TO_VERIFY headers_alone)
  else()
    set_target_properties(${name} PROPERTIES VERIFY_INTERFACE_HEADER_SETS OFF)
  endif()
  target_link_libraries(${name} ${scope} project_options ${ARG_DEPENDS})
  set_target_properties(${name} PROPERTIES SLUICE_INCLUDES "${ARG_INCLUDES}")
endfunction()

# add_program(ingest SOURCES main.cc DEPENDS …): a binary in bin/.
function(add_program name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS;INCLUDES" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE project_options ${ARG_DEPENDS})
  set_target_properties(${name} PROPERTIES SLUICE_INCLUDES "${ARG_INCLUDES}")
endfunction()

# add_suite(unit_common_json RING unit SOURCES … DEPENDS …): a GoogleTest executable whose tests
# have the ring as their label. The rings `broker` and `system` share one broker, which the fixture
# `kafka` starts (tests/CMakeLists.txt).
function(add_suite name)
  _precompile_gmock()
  cmake_parse_arguments(ARG "" "RING;TIMEOUT" "SOURCES;DEPENDS;INCLUDES" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests/bin)
  target_link_libraries(${name} PRIVATE project_options GTest::gmock GTest::gtest_main ${ARG_DEPENDS})
  target_precompile_headers(${name} REUSE_FROM precompiled_gmock)
  target_compile_options(${name} PRIVATE "${gmock_copy_options}")
  set_target_properties(${name} PROPERTIES SLUICE_INCLUDES "${ARG_INCLUDES}")
  set(properties LABELS ${ARG_RING})
  if(ARG_RING STREQUAL "broker" OR ARG_RING STREQUAL "system")
    list(APPEND properties FIXTURES_REQUIRED kafka
      ENVIRONMENT "SLUICE_TEST_KAFKA_DIR=${SLUICE_TEST_KAFKA_DIR};SLUICE_BIN=${CMAKE_RUNTIME_OUTPUT_DIRECTORY}")
  endif()
  if(ARG_TIMEOUT)
    list(APPEND properties TIMEOUT ${ARG_TIMEOUT})
  else()
    list(APPEND properties TIMEOUT 180)
  endif()
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60 PROPERTIES ${properties})
endfunction()

# ccache takes objects made with gcc's precompiled header only if it can see that it was used. From
# there, gcc 12 takes std::string for our code and reports overlaps and overruns in it that are none
# (gcc bug 105651).
set(gmock_copy_options
  $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess;-Wno-array-bounds;-Wno-restrict;-Wno-stringop-overflow>)

# Parsing gmock.h is a third of the time that a test takes to compile. All suites share one
# precompiled copy. It holds nothing else, so it hides no #include that is missing.
function(_precompile_gmock)
  if(TARGET precompiled_gmock)
    return()
  endif()
  set(empty ${CMAKE_BINARY_DIR}/tests/precompiled_gmock.cc)
  file(CONFIGURE OUTPUT ${empty} CONTENT "")
  add_library(precompiled_gmock OBJECT ${empty})
  target_link_libraries(precompiled_gmock PRIVATE project_options GTest::gmock)
  target_precompile_headers(precompiled_gmock PRIVATE <gmock/gmock.h>)
  target_compile_options(precompiled_gmock PRIVATE "${gmock_copy_options}")
endfunction()
