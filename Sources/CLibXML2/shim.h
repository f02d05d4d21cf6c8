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

/// Whether a text says by how it begins that it is UTF-8: with the usual declaration, or with none (XML 1.0 4.3.3).
static inline int xml_begins_as_utf8(const char *text, int count) {
    static const char declaration[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";
    const int length = (int)sizeof declaration - 1;
    if (count >= length && memcmp(text, declaration, (size_t)length) == 0)
        return 1;
    return count >= 2 && text[0] == '<' && ((text[1] | 0x20) >= 'a' && (text[1] | 0x20) <= 'z');
}

/// Parses a text that ends with a zero byte after `count` others. One among those is refused, and UTF-16 with it:
/// libxml2 would take it for the end, and what follows would go unread.
///
/// UTF-8 is parsed where it lies: xmlCtxtReadMemory() copies it, and at each step within 250 bytes of its end asks the
/// copy for more. Only there another encoding can be converted.
static inline xmlDocPtr xml_parse(xmlParserCtxtPtr context, const char *text, int count, int options) {
    xmlCtxtReset(context);
    if (strlen(text) != (size_t)count) {
        context->errNo = XML_ERR_INVALID_CHAR;
        return NULL;
    }
    if (!xml_begins_as_utf8(text, count))
        return xmlCtxtReadMemory(context, text, count, NULL, NULL, options);
    xmlCtxtUseOptions(context, options);
    xmlParserInputPtr input = xmlNewInputStream(context);
    if (input == NULL)
        return NULL;
    input->base = (const xmlChar *)text;
    input->cur = input->base;
    input->end = input->base + count;
    input->length = count;
    inputPush(context, input);
    xmlParseDocument(context);
    // The parser outlives the text.
    while ((input = inputPop(context)) != NULL)
        xmlFreeInputStream(input);
    xmlDocPtr document = context->myDoc;
    context->myDoc = NULL;
    if (context->wellFormed)
        return document;
    xmlFreeDoc(document);
    return NULL;
}

#endif
