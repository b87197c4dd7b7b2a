/*
 * mapping.h: which attributes of an entry become which fields of a profile.
 */
#ifndef UD_LDAP_MAPPING_H
#define UD_LDAP_MAPPING_H

#include "utils/jsonb.h"

#include "pure/span.h"

/* What is done with the value of an attribute on its way. */
typedef enum UdLdapConversion
{
	UD_LDAP_TEXT,     /* the first value */
	UD_LDAP_LIST,     /* all of them */
	UD_LDAP_RDN,      /* of all of them, which are distinguished names, the first part's value */
	UD_LDAP_BASE64,   /* the bytes of the first */
	UD_LDAP_GUID,     /* a UUID in the order of Windows */
	UD_LDAP_UUID,     /* a UUID in the order in which it is written */
	UD_LDAP_SID,      /* a security identifier of Windows */
	UD_LDAP_NUMBER,   /* a whole number */
	UD_LDAP_BOOLEAN,  /* TRUE or FALSE */
	UD_LDAP_DATE,     /* a GeneralizedTime */
	UD_LDAP_FILETIME, /* a count of 100 nanoseconds since 1601 */
	UD_LDAP_CONVERSIONS
} UdLdapConversion;

/* An attribute, and what becomes of it. */
typedef struct UdLdapSource
{
	const char *attribute;
	UdLdapConversion conversion;
} UdLdapSource;

/* Where a value goes; the names are in the encoding of the database. */
typedef struct UdLdapTarget
{
	enum
	{
		UD_LDAP_ROOT,
		UD_LDAP_USER_METADATA,
		UD_LDAP_APP_METADATA
	} place;
	UdSpan name;
} UdLdapTarget;

typedef struct UdLdapField
{
	UdLdapTarget target;
	enum
	{
		UD_LDAP_FROM_ATTRIBUTE,
		UD_LDAP_FROM_TEMPLATE,
		UD_LDAP_CONSTANT
	} kind;
	UdLdapSource source;  /* from an attribute */
	UdSpan template_text; /* from several */
	bool constant;
} UdLdapField;

typedef struct UdLdapMapping
{
	UdLdapSource id;
	UdLdapField *fields;
	int field_count;
	char **attributes; /* what is asked for, ended by a NULL */
} UdLdapMapping;

/*
 * ud_ldap_mapping_read reads the map of fields; where it is NULL, the usual one of the kind of
 * directory is taken. id is the attribute of the user's id, with its conversion.
 *
 * Errors: UD069.
 */
extern void ud_ldap_mapping_read(UdLdapMapping *mapping, JsonbContainer *fields, const char *id,
								 bool is_active_directory);

/* ud_ldap_mapping_source reads "attribute" or "attribute:conversion". Errors: UD069. */
extern UdLdapSource ud_ldap_mapping_source(UdSpan text);

/* ud_ldap_mapping_target reads the name of a field, such as "email" or "app_metadata.groups".
 * Errors: UD069. */
extern UdLdapTarget ud_ldap_mapping_target(UdSpan name);

#endif
