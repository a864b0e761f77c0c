# The installed library: find_package(cotejo COMPONENTS vote tally) gives cotejo::vote and cotejo::tally and finds only what
# these link; without COMPONENTS, every module. For CMake it is the component `development`; `program` is the program with what
# it reads, its manual pages, completion and documents, and the Debian package is that one.
include(CMakePackageConfigHelpers)
get_property(modules GLOBAL PROPERTY COTEJO_MODULES)
install(TARGETS ${modules} EXPORT cotejo-targets ARCHIVE COMPONENT development FILE_SET HEADERS COMPONENT development)
install(TARGETS cotejo RUNTIME COMPONENT program)
install(EXPORT cotejo-targets NAMESPACE cotejo:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/cotejo COMPONENT development)

# What each component links, as the targets have it: cotejo-config.cmake follows these lists.
set(COTEJO_COMPONENT_LINKS "")
set(COTEJO_COMPONENTS "")
foreach(module IN LISTS modules)
  string(REGEX REPLACE "^cotejo_" "" component ${module})
  get_target_property(links ${module} LINK_LIBRARIES)
  if(NOT links)
    set(links "")
  endif()
  list(FILTER links INCLUDE REGEX "^[A-Za-z0-9_:-]+$")
  list(APPEND COTEJO_COMPONENTS ${component})
  string(APPEND COTEJO_COMPONENT_LINKS "set(cotejo_links_${component} \"${links}\")\n")
endforeach()
configure_package_config_file(cmake/cotejo-config.cmake.in cotejo-config.cmake
                              INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/cotejo)
write_basic_package_version_file(cotejo-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/cotejo-config.cmake ${CMAKE_CURRENT_BINARY_DIR}/cotejo-config-version.cmake
        cmake/CotejoDependencies.cmake DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/cotejo COMPONENT development)
install(DIRECTORY profiles plans data DESTINATION ${CMAKE_INSTALL_DATADIR}/cotejo COMPONENT program)
install(DIRECTORY docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT program
        FILES_MATCHING PATTERN "*.md" PATTERN "*.yaml" PATTERN "*.png" PATTERN decisions EXCLUDE PATTERN false-alarms EXCLUDE)
install(FILES README.md CITATION.cff DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT program)
