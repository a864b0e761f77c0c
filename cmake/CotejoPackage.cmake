# The Debian package of the program: `./dev package`, or `cpack -G DEB` in a build folder.
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)  # cpack builds nothing: libraries and tests are not in the package
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME cotejo)
set(CPACK_PACKAGE_VENDOR "The Cotejo developers")
set(CPACK_PACKAGE_CONTACT "The Cotejo developers <cotejo@localhost>")
set(CPACK_PACKAGE_DIRECTORY ${CMAKE_BINARY_DIR}/package)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_COMPONENTS_ALL program)
set(CPACK_COMPONENTS_GROUPING ALL_COMPONENTS_IN_ONE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "pandoc, weasyprint")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "chromium, minisign")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "recount a contested vote from its published returns")
set(CPACK_PACKAGE_DESCRIPTION
"Cotejo reads the returns that an electoral commission published, a list of
polling tables that somebody objects to, and the rule. It answers, with the
votes behind every answer, who won, whether the objection would change the
outcome, how wrong the returns would have to be, and whether they add up.
.
Everything goes into a folder that anyone can check and run again.")
include(CPack)
