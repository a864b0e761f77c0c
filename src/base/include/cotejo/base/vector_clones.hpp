// One function compiled for several widths of vector registers; the machine's own is chosen when the program starts.
//
// Put COTEJO_VECTOR_CLONES before the definition of a hot loop. The results are the same bits in every clone as long as
// the loop adds in a written order: the files that use it are compiled with -ffp-contract=off (cotejo_vectorised in
// cmake/CotejoTargets.cmake), so that no clone fuses a multiplication with an addition.
// Sanitizers and compilers without it get the plain function.
#pragma once

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && defined(__OPTIMIZE__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define COTEJO_VECTOR_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define COTEJO_VECTOR_CLONES
#endif
