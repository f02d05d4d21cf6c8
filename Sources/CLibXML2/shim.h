// What Swift cannot import from libxml2: the allocator is a mutable global, and parts of the parser are macros.
#ifndef JUXTAPOSE_CLIBXML2_H
#define JUXTAPOSE_CLIBXML2_H

#include <libxml/xmlversion.h>
// Nothing here converts character sets by ICU, and its headers clash with those that Foundation brings.
#undef LIBXML_ICU_ENABLED

#include <libxml/c14n.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/tree.h>
#include <libxml/xmlerror.h>
#include <libxml/xmlmemory.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>
#include <string.h>

static inline void xml_free(void *p) { xmlFree(p); }

/// Whether a text of a tree, which may be missing, is this one. xmlStrEqual() goes byte by byte.
static inline int xml_same(const xmlChar *text, const unsigned char *expected) {
    return text != NULL && strcmp((const char *)text, (const char *)expected) == 0;
}

#endif
