# The changelogs of the package in FOLDER: CHANGELOG.md (IN) as the upstream one, and one entry of Debian's form for VERSION-1. The
# day is that of SOURCE_DATE_EPOCH, where it is set.
file(READ "${IN}" text)
file(WRITE "${FOLDER}/changelog" "${text}")
string(TIMESTAMP day "%a, %d %b %Y %H:%M:%S +0000" UTC)
file(WRITE "${FOLDER}/changelog.Debian"
     "cotejo (${VERSION}-1) stable; urgency=low\n\n  * Version ${VERSION}: changelog.gz.\n\n -- ${MAINTAINER}  ${day}\n")
