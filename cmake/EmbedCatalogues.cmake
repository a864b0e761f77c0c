# Run by the build (cotejo_embed_catalogues): writes the catalogues named in LIST as a C++ file, OUT. ROOT: names are
# relative to it.
file(STRINGS "${LIST}" files)
set(entries "")
foreach(file IN LISTS files)
  file(READ "${file}" json)
  file(RELATIVE_PATH name "${ROOT}" "${file}")
  string(REGEX REPLACE "^.*\\.([^.]+)\\.json$" "\\1" language "${name}")
  string(APPEND entries "    {\"${name}\", \"${language}\", R\"catalogue(${json})catalogue\"},\n")
endforeach()
file(WRITE "${OUT}" "// Written by the build from the rooms' catalogues.
#include \"cotejo/finding/catalogue.hpp\"

namespace cotejo {

std::span<const CatalogueFile> catalogue_files() {
  static constexpr CatalogueFile files[] = {
${entries}  };
  return files;
}

}  // namespace cotejo
")
