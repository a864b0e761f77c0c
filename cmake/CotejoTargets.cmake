# The three kinds of target this project has, each with its rules in one place.

# Compiler flags live on targets and stay private; warnings are errors only where we control the compiler (CI).
option(COTEJO_WERROR "Treat warnings as errors" OFF)
option(COTEJO_FUZZ "Build the fuzzers (clang, libFuzzer)" OFF)
set(COTEJO_SANITIZE "" CACHE STRING "Sanitizers for every target, as in -fsanitize=")

function(cotejo_flags target)
  target_compile_features(${target} PUBLIC cxx_std_20)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion
                         # GCC 12 warns of its own string and variant code when it inlines (GCC bugs 105329, 105651).
                         $<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-restrict;-Wno-array-bounds>
                         $<$<BOOL:${COTEJO_WERROR}>:-Werror>)
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

# Files whose loops are compiled for several vector widths (cotejo/base/vector_clones.hpp): nothing that would make a
# width change the bits of a result.
function(cotejo_vectorised)
  set_source_files_properties(${ARGN} PROPERTIES COMPILE_OPTIONS
    "-ffp-contract=off;-fno-math-errno;-fno-trapping-math;$<$<STREQUAL:${CMAKE_SYSTEM_PROCESSOR},x86_64>:-mprefer-vector-width=512>")
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
  target_link_libraries(cotejo_${name} PUBLIC ${M_LINKS} PRIVATE ${M_PRIVATE_LINKS})
  set_property(GLOBAL APPEND PROPERTY COTEJO_MODULES cotejo_${name})
endfunction()

# cotejo_test(NAME LABEL SOURCES ... LINKS ...): one GoogleTest program; LABEL is fast, slow or validation.
function(cotejo_test name label)
  if(NOT BUILD_TESTING)
    return()
  endif()
  cmake_parse_arguments(T "" "" "SOURCES;LINKS" ${ARGN})
  add_executable(test_${name} ${T_SOURCES})
  cotejo_flags(test_${name})
  target_link_libraries(test_${name} PRIVATE ${T_LINKS} GTest::gmock GTest::gtest_main)
  add_test(NAME ${name} COMMAND test_${name})
  set_tests_properties(${name} PROPERTIES LABELS ${label})
endfunction()
