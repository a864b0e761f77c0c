# The installed library: find_package(cotejo) gives cotejo::vote, cotejo::tally, ... and the program.
include(CMakePackageConfigHelpers)
get_property(modules GLOBAL PROPERTY COTEJO_MODULES)
install(TARGETS ${modules} EXPORT cotejo-targets FILE_SET HEADERS)
install(TARGETS cotejo RUNTIME)
install(EXPORT cotejo-targets NAMESPACE cotejo:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/cotejo)
configure_package_config_file(cmake/cotejo-config.cmake.in cotejo-config.cmake
                              INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/cotejo)
write_basic_package_version_file(cotejo-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/cotejo-config.cmake ${CMAKE_CURRENT_BINARY_DIR}/cotejo-config-version.cmake
        cmake/CotejoDependencies.cmake DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/cotejo)
install(DIRECTORY profiles plans data DESTINATION ${CMAKE_INSTALL_DATADIR}/cotejo)
