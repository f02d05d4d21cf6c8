// The requests are inline functions; a target needs one file to compile.
#include "memcheck.h"
