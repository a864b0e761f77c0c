# The three kinds of target this project has, each with its rules in one place.

# Compiler flags live on targets and stay private; warnings are errors only where we control the compiler (CI).
option(COTEJO_WERROR "Treat warnings as errors" OFF)
option(COTEJO_FUZZ "Build the fuzzers (clang, libFuzzer)" OFF)
set(COTEJO_SANITIZE "" CACHE STRING "Sanitizers for every target, as in -fsanitize=")
option(COTEJO_PRECOMPILE "Precompile the headers of the standard library, fmt, JSON and GoogleTest" ON)

# The program is built at -O2, numeric code at -O3 (cotejo_numeric), tests at -O1: docs/decisions/0045-build-time.md.
string(REPLACE "-O3" "-O2" CMAKE_CXX_FLAGS_RELEASE "${CMAKE_CXX_FLAGS_RELEASE}")

# ccache, where it is installed and no other launcher is named, told that precompiled headers may be cached.
find_program(COTEJO_CCACHE ccache)
if(COTEJO_CCACHE AND (NOT CMAKE_CXX_COMPILER_LAUNCHER OR CMAKE_CXX_COMPILER_LAUNCHER STREQUAL "ccache"))
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${COTEJO_CCACHE})
endif()

function(cotejo_flags target)  # [tests]
  target_compile_features(${target} PUBLIC cxx_std_20)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion
                         $<$<BOOL:${COTEJO_WERROR}>:-Werror>)
  # GCC 12 warns of its own string and variant code when it inlines (GCC bugs 105329, 105651, 105762); which of these
  # warnings come depends on the level of optimisation.
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    target_compile_options(${target} PRIVATE -Wno-restrict -Wno-array-bounds -Wno-stringop-overflow
                           -Wno-error=maybe-uninitialized -Wno-error=stringop-overread -Wno-error=dangling-pointer
                           -Wno-error=free-nonheap-object)
  endif()
  if(ARGV1 STREQUAL "tests")
    target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O1>)
  endif()
  # A fault in reading a stranger's file is hard to use: guarded stacks and buffers, tables that are read-only once the
  # program runs. Sanitizers have checks of their own. tests/hardening_test.py holds the release to it.
  if(NOT COTEJO_SANITIZE)
    target_compile_options(${target} PRIVATE -fstack-protector-strong
                           $<$<STREQUAL:${CMAKE_SYSTEM_PROCESSOR},x86_64>:-fcf-protection=full>
                           $<$<CONFIG:Release,RelWithDebInfo>:-U_FORTIFY_SOURCE;-D_FORTIFY_SOURCE=2>)
    target_link_options(${target} PRIVATE LINKER:-z,relro LINKER:-z,now LINKER:-z,noexecstack)
  endif()
  if(COTEJO_FUZZ)  # coverage for libFuzzer; an error found by a sanitizer ends the program
    target_compile_options(${target} PRIVATE -fsanitize=fuzzer-no-link -fno-sanitize-recover=all)
  endif()
  if(COTEJO_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=${COTEJO_SANITIZE} -fno-omit-frame-pointer)
    target_link_options(${target} PUBLIC -fsanitize=${COTEJO_SANITIZE})
  endif()
endfunction()

# The precompiled headers: of the system only, so that no change of ours recompiles everything. One set for the program, one
# for tests; each is compiled once, and used by every target. They are named in brackets: a path would part the worktrees' caches.
set(COTEJO_PRECOMPILED_PROGRAM <algorithm> <array> <charconv> <cmath> <cstdint> <filesystem> <fstream> <functional> <map> <memory> <numeric>
    <optional> <set> <span> <string> <string_view> <unordered_map> <utility> <variant> <vector> <fmt/format.h> <fmt/ranges.h>
    <nlohmann/json.hpp>)
set(COTEJO_PRECOMPILED_TESTS ${COTEJO_PRECOMPILED_PROGRAM} <gmock/gmock.h> <gtest/gtest.h>)

function(cotejo_precompile target set)  # program or tests
  if(NOT COTEJO_PRECOMPILE)
    return()
  endif()
  string(TOUPPER ${set} headers)
  set(owner cotejo_precompiled_${set})
  if(NOT TARGET ${owner})
    file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/precompiled/${set}.cpp CONTENT "")
    add_library(${owner} OBJECT ${PROJECT_BINARY_DIR}/precompiled/${set}.cpp)
    cotejo_flags(${owner} ${set})
    target_link_libraries(${owner} PRIVATE fmt::fmt nlohmann_json::nlohmann_json $<$<STREQUAL:${set},tests>:GTest::gmock>)
    target_precompile_headers(${owner} PRIVATE ${COTEJO_PRECOMPILED_${headers}})
    # What ccache needs: GCC must write the precompiled header's name, clang no time.
    target_compile_options(${owner} PRIVATE $<$<CXX_COMPILER_ID:Clang>:SHELL:-Xclang -fno-pch-timestamp>)
  endif()
  target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)
  target_precompile_headers(${target} REUSE_FROM ${owner})
endfunction()

# Files whose loops are compiled for several vector widths (cotejo/base/vector_clones.hpp): nothing that would make a
# width change the bits of a result.
function(cotejo_vectorised)
  set_source_files_properties(${ARGN} PROPERTIES SKIP_PRECOMPILE_HEADERS ON COMPILE_OPTIONS
    "$<$<CONFIG:Release>:-O3>;-ffp-contract=off;-fno-math-errno;-fno-trapping-math;$<$<STREQUAL:${CMAKE_SYSTEM_PROCESSOR},x86_64>:-mprefer-vector-width=512>")
endfunction()

# A module whose time goes into arithmetic.
function(cotejo_numeric name)
  target_compile_options(cotejo_${name} PRIVATE $<$<CONFIG:Release>:-O3>)
endfunction()

# cotejo_module(NAME SOURCES ... HEADERS ... LINKS ... PRIVATE_LINKS ...)
# A static library cotejo_NAME (alias cotejo::NAME) whose headers lie in include/ and must each compile alone.
function(cotejo_module name)
  cmake_parse_arguments(M "" "" "SOURCES;HEADERS;LINKS;PRIVATE_LINKS" ${ARGN})
  add_library(cotejo_${name} STATIC ${M_SOURCES})
  add_library(cotejo::${name} ALIAS cotejo_${name})
  set_target_properties(cotejo_${name} PROPERTIES EXPORT_NAME ${name} VERIFY_INTERFACE_HEADER_SETS ON)
  target_sources(cotejo_${name} PUBLIC FILE_SET HEADERS BASE_DIRS include FILES ${M_HEADERS})
  cotejo_flags(cotejo_${name})
  cotejo_precompile(cotejo_${name} program)
  target_link_libraries(cotejo_${name} PUBLIC ${M_LINKS} PRIVATE ${M_PRIVATE_LINKS})
  set_property(GLOBAL APPEND PROPERTY COTEJO_MODULES cotejo_${name})
endfunction()

# cotejo_test(NAME LABEL SOURCES ... LINKS ...): one GoogleTest program; LABEL is fast, slow or validation.
function(cotejo_test name label)
  if(NOT BUILD_TESTING)
    return()
  endif()
  cmake_parse_arguments(T "" "" "SOURCES;LINKS" ${ARGN})
  if(NOT TARGET cotejo_test_main)
    add_library(cotejo_test_main STATIC "${PROJECT_SOURCE_DIR}/tests/main.cpp")
    target_link_libraries(cotejo_test_main PUBLIC GTest::gmock)
    cotejo_flags(cotejo_test_main tests)
  endif()
  add_executable(test_${name} ${T_SOURCES})
  cotejo_flags(test_${name} tests)
  cotejo_precompile(test_${name} tests)
  target_link_libraries(test_${name} PRIVATE ${T_LINKS} cotejo_test_main)
  add_test(NAME ${name} COMMAND test_${name})
  set_tests_properties(${name} PROPERTIES LABELS ${label} SKIP_RETURN_CODE 77)
endfunction()

# cotejo_catalogue(BASE): the texts of BASE.en.json, BASE.es.json and every other language that has a file.
function(cotejo_catalogue base)
  file(GLOB files CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/${base}.*.json")
  set_property(GLOBAL APPEND PROPERTY COTEJO_CATALOGUES ${files})
endfunction()

# All of them in one library, after the last cotejo_catalogue. Data alone: it links nothing and the module `finding` links it.
function(cotejo_embed_catalogues)
  get_property(files GLOBAL PROPERTY COTEJO_CATALOGUES)
  set(list "${CMAKE_CURRENT_BINARY_DIR}/catalogues.txt")
  set(out "${CMAKE_CURRENT_BINARY_DIR}/catalogues.cpp")
  string(REPLACE ";" "\n" lines "${files}")
  file(CONFIGURE OUTPUT "${list}" CONTENT "${lines}\n" @ONLY)
  add_custom_command(OUTPUT "${out}"
    COMMAND ${CMAKE_COMMAND} "-DLIST=${list}" "-DOUT=${out}" "-DROOT=${PROJECT_SOURCE_DIR}" -P "${PROJECT_SOURCE_DIR}/cmake/EmbedCatalogues.cmake"
    DEPENDS ${files} "${list}" "${PROJECT_SOURCE_DIR}/cmake/EmbedCatalogues.cmake" VERBATIM)
  add_library(cotejo_catalogues STATIC "${out}")
  add_library(cotejo::catalogues ALIAS cotejo_catalogues)
  set_target_properties(cotejo_catalogues PROPERTIES EXPORT_NAME catalogues)
  cotejo_flags(cotejo_catalogues)
  target_include_directories(cotejo_catalogues PRIVATE $<TARGET_PROPERTY:cotejo_finding,INTERFACE_INCLUDE_DIRECTORIES>)
  set_property(GLOBAL APPEND PROPERTY COTEJO_MODULES cotejo_catalogues)
endfunction()

# cotejo_method(FAMILY NAME): the method whose room is NAME/ (NAME.hpp, NAME.cpp, NAME_finding.cpp, NAME_test.cpp, NAME.md and its texts
# NAME.LANGUAGE.json), in the module FAMILY, which is there already. Its header is included as cotejo/methods/FAMILY/NAME.hpp.
function(cotejo_method family name)
  set(room "${CMAKE_CURRENT_SOURCE_DIR}/${name}")
  set(include "${CMAKE_BINARY_DIR}/rooms/${family}")
  file(MAKE_DIRECTORY "${include}/cotejo/methods/${family}")
  file(CREATE_LINK "${room}/${name}.hpp" "${include}/cotejo/methods/${family}/${name}.hpp" SYMBOLIC)
  target_sources(cotejo_${family} PRIVATE "${room}/${name}.cpp" "${room}/${name}_finding.cpp")
  target_include_directories(cotejo_${family} PUBLIC "$<BUILD_INTERFACE:${include}>" "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")
  install(FILES "${room}/${name}.hpp" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/cotejo/methods/${family}")
  if(BUILD_TESTING)
    target_sources(test_${family} PRIVATE "${room}/${name}_test.cpp")
  endif()
  cotejo_catalogue(${name}/${name})
  set_property(GLOBAL APPEND PROPERTY COTEJO_METHODS "${family}/${name}")
endfunction()

# Writes OUT, a header that names the requests of all methods with a room: cotejo::MethodsWithRooms.
function(cotejo_registry_of_rooms out)
  get_property(methods GLOBAL PROPERTY COTEJO_METHODS)
  set(includes "")
  set(requests "")
  foreach(method IN LISTS methods)
    string(APPEND includes "#include \"cotejo/methods/${method}.hpp\"\n")
    string(REGEX REPLACE "^.*/" "" name "${method}")
    string(REPLACE "_" ";" words "${name}")
    set(request "")
    foreach(word IN LISTS words)
      string(SUBSTRING "${word}" 0 1 first)
      string(SUBSTRING "${word}" 1 -1 rest)
      string(TOUPPER "${first}" first)
      string(APPEND request "${first}${rest}")
    endforeach()
    list(APPEND requests "${request}Request")
  endforeach()
  string(REPLACE ";" ", " requests "${requests}")
  file(CONFIGURE OUTPUT "${out}" @ONLY CONTENT "// Written by the build from the lines cotejo_method(FAMILY NAME).
#pragma once

@includes@
namespace cotejo {

template <class... Requests>
struct Methods {};
using MethodsWithRooms = Methods<@requests@>;

}  // namespace cotejo
")
endfunction()
