/*
 * attribute_map.h: the compiled form of an attribute map.
 *
 * A map says where the attributes of a normalized profile come from: for each of them an ordered
 * list of sources, of which the first that gives a value of the right type wins. Maps are JSON,
 * our defaults (src/profile/maps) as much as a connection's own; docs/profiles.md describes the
 * format. They are compiled once and never changed afterwards.
 */
#ifndef UD_PROFILE_ATTRIBUTE_MAP_H
#define UD_PROFILE_ATTRIBUTE_MAP_H

#include "utils/jsonb.h"

#include "profile/transform.h"
#include "pure/attribute_path.h"

/* The root attributes, in the order in which they are evaluated: "$name" looks back only. */
typedef enum UdField
{
	UD_FIELD_USER_ID,
	UD_FIELD_EMAIL,
	UD_FIELD_EMAIL_VERIFIED,
	UD_FIELD_PHONE_NUMBER,
	UD_FIELD_PHONE_VERIFIED,
	UD_FIELD_USERNAME,
	UD_FIELD_GIVEN_NAME,
	UD_FIELD_FAMILY_NAME,
	UD_FIELD_NAME,
	UD_FIELD_NICKNAME,
	UD_FIELD_PICTURE,
	UD_FIELD_BLOCKED,
	UD_FIELD_USER_METADATA,
	UD_FIELD_APP_METADATA,
	UD_FIELD_COUNT
} UdField;

typedef enum UdFieldType
{
	UD_TYPE_ID,
	UD_TYPE_TEXT,
	UD_TYPE_EMAIL,
	UD_TYPE_PHONE,
	UD_TYPE_URI,
	UD_TYPE_BOOLEAN,
	UD_TYPE_OBJECT,
	UD_TYPE_ANY
} UdFieldType;

typedef struct UdFieldInfo
{
	const char *name;
	int name_length;
	UdFieldType type;
	int max_characters; /* longer text is cut, a longer address is none; 0 for no limit */
} UdFieldInfo;

extern const UdFieldInfo ud_fields[UD_FIELD_COUNT];

/* ud_field_find returns the root attribute of a name, UD_FIELD_COUNT when there is none. */
extern UdField ud_field_find(const char *name, int length);

typedef enum UdSourceKind
{
	UD_SOURCE_PATH,
	UD_SOURCE_JOIN,
	UD_SOURCE_FORMAT,
	UD_SOURCE_CONST
} UdSourceKind;

typedef struct UdSource
{
	UdSourceKind kind;
	UdPath path;            /* PATH */
	struct UdSource *parts; /* JOIN: what is joined; FORMAT: what stands in braces */
	int nparts;
	char **literals;     /* FORMAT: the texts around the parts, nparts + 1 of them */
	char *separator;     /* JOIN */
	JsonbValue constant; /* CONST */
	UdTransform *transforms;
	int ntransforms;
	struct UdSource *condition; /* nothing unless this gives a value ... */
	JsonbValue *expected;       /* ... equal to that one, when there is one */
	struct UdSource *obstacle;  /* nothing when this gives a value other than false */
} UdSource;

typedef struct UdSourceList
{
	UdSource *sources;
	int count;
} UdSourceList;

/* Where a target that is no root attribute lands. */
typedef enum UdShelf
{
	UD_SHELF_ATTRIBUTES,
	UD_SHELF_USER_METADATA,
	UD_SHELF_APP_METADATA
} UdShelf;

typedef struct UdExtraTarget
{
	UdShelf shelf;
	char *name;
	int name_length;
	UdSourceList from;
} UdExtraTarget;

typedef enum UdKeep
{
	UD_KEEP_ALL,    /* every other member of the answer goes to attributes */
	UD_KEEP_CLAIMS, /* all but what belongs to the token that carried them */
	UD_KEEP_NONE    /* only what the map names */
} UdKeep;

typedef struct UdName
{
	const char *text;
	int length;
} UdName;

typedef struct UdNameList
{
	UdName *names;
	int count;
} UdNameList;

typedef struct UdAttributeMap
{
	bool prepare_saml;
	bool email_verified_default; /* false when an e-mail comes without a word about it */
	UdKeep keep;
	UdPath *roots;
	int nroots;
	UdSourceList fields[UD_FIELD_COUNT];
	UdExtraTarget *extras;
	int nextras;
	UdNameList secrets;
} UdAttributeMap;

/*
 * UdMapFinder gives the compiled default map of a name, NULL for an unknown one; it is how a map
 * refers to another by "like" or "fallback".
 */
typedef const UdAttributeMap *(*UdMapFinder)(const char *name);

/*
 * ud_attribute_map_compile compiles a map in the current memory context.
 *
 * Keys that the map does not have come from base, which may be NULL. find may be NULL for maps
 * that refer to none. The result refers to map, which has to live as long.
 *
 * Errors: UD002 for everything that is no map, naming what and where.
 */
extern UdAttributeMap *ud_attribute_map_compile(JsonbContainer *map, const UdAttributeMap *base,
												UdMapFinder find);

/*
 * ud_attribute_map_apply_fields_map returns a copy of base in which the sources of the attributes
 * named by a SAML connection's fieldsMap are replaced; its values are attribute names or ordered
 * arrays of them. user_id_attribute, NULL for none, is the same for the user's id alone.
 *
 * Errors: UD002.
 */
extern UdAttributeMap *ud_attribute_map_apply_fields_map(const UdAttributeMap *base,
														 JsonbContainer *fields_map,
														 const JsonbValue *user_id_attribute);

#endif
