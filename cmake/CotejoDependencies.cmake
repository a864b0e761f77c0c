# Where each target of another project comes from: Debian 12 packages, which `./dev setup` installs. The build finds all of
# them; cotejo-config.cmake those of the components that a consumer asks for.
set(COTEJO_PACKAGES  # target=what find_package is given, or pkg-config's name
    "fmt::fmt=fmt 9"
    "nlohmann_json::nlohmann_json=nlohmann_json 3.11"
    "tomlplusplus::tomlplusplus=tomlplusplus 3.3"
    "Threads::Threads=Threads"
    "TBB::tbb=TBB"
    "GDAL::GDAL=GDAL 3.6"
    "SQLiteCpp=SQLiteCpp 3"
    "SQLite::SQLite3=SQLite3"
    "Boost::headers=Boost 1.74"
    "Eigen3::Eigen=Eigen3 3.4"
    "ICU::i18n=ICU 72 COMPONENTS i18n uc"
    "ICU::uc=ICU 72 COMPONENTS i18n uc"
    "pugixml::pugixml=pugixml 1"
    "tsl::robin_map=tsl-robin-map 1"
    "PkgConfig::sodium=libsodium"
    "PkgConfig::clp=clp"
    "PkgConfig::libarchive=libarchive"
    "PkgConfig::libcrypto=libcrypto")

# cotejo_find(TARGET...): every package in which one of these targets is.
macro(cotejo_find)
  foreach(cotejo_target ${ARGN})
    if(NOT TARGET ${cotejo_target})
      set(cotejo_package ${COTEJO_PACKAGES})
      list(FILTER cotejo_package INCLUDE REGEX "^${cotejo_target}=")
      if(cotejo_package STREQUAL "")
        message(FATAL_ERROR "${cotejo_target} is not in COTEJO_PACKAGES (CotejoDependencies.cmake): add the package it comes from")
      endif()
      string(REGEX REPLACE "^[^=]*=" "" cotejo_package "${cotejo_package}")
      if(${cotejo_target} MATCHES "^PkgConfig::(.*)")
        set(cotejo_prefix ${CMAKE_MATCH_1})
        find_package(PkgConfig REQUIRED)
        pkg_check_modules(${cotejo_prefix} REQUIRED IMPORTED_TARGET ${cotejo_package})
      else()
        string(REPLACE " " ";" cotejo_package "${cotejo_package}")
        find_package(${cotejo_package} REQUIRED)
      endif()
    endif()
  endforeach()
endmacro()
