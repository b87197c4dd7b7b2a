# userdir: a PGXS module. `make help` lists what can be done here.
EXTENSION = userdir $(if $(WITHOUT_LDAP),,userdir_ldap)
EXTVERSION := $(shell sed -n "s/^default_version *= *'\(.*\)'/\1/p" userdir.control)

MODULE_big = userdir
OBJS = $(patsubst %.c,%.o,$(sort $(filter-out $(LDAP_PURE),$(wildcard src/pure/*.c)) $(wildcard src/base/*.c src/profile/*.c src/search/*.c src/crypto/*.c \
	src/events/*.c src/login/*.c src/module/*.c)))

# userdir_ldap is an extension and a library of its own, for servers that have libldap: WITH_LDAP=no
# leaves it out, WITH_LDAP=yes insists on it, and without either it is made where the headers are.
LDAP_PURE := $(sort $(wildcard src/pure/ldap_*.c))
LDAP_OBJS = $(patsubst %.c,%.o,$(sort $(wildcard src/ldap/*.c)) $(LDAP_PURE) src/pure/base64.c src/pure/hex.c)
LDAP_CFLAGS := $(shell pkg-config --cflags ldap 2>/dev/null)
LDAP_LIBS := $(or $(shell pkg-config --libs ldap lber 2>/dev/null || pkg-config --libs ldap 2>/dev/null),-lldap -llber)
WITH_LDAP ?= $(shell printf '\043include <openldap.h>\n' | $(CC) $(LDAP_CFLAGS) -E - >/dev/null 2>&1 && echo yes || echo no)
WITHOUT_LDAP := $(if $(filter yes,$(WITH_LDAP)),,yes)

# The install script is assembled from one file a feature, in the order of their numbers.
SQL_PARTS := $(sort $(wildcard sql/parts/*.sql))
STORAGE_STEPS := $(sort $(wildcard sql/storage/[0-9]*.sql))
STORAGE_REPEATED := $(sort $(wildcard sql/storage/always_*.sql))
DATA_VERSION := $(words $(STORAGE_STEPS))
INSTALL_SQL = sql/userdir--$(EXTVERSION).sql
LDAP_PARTS := $(sort $(wildcard sql/ldap/*.sql))
LDAP_SQL = sql/userdir_ldap--$(EXTVERSION).sql
DATA = $(sort $(wildcard sql/userdir--*--*.sql $(if $(WITHOUT_LDAP),,sql/userdir_ldap--*--*.sql)))
DATA_built = $(INSTALL_SQL) $(if $(WITHOUT_LDAP),,$(LDAP_SQL))

# Default attribute maps are data; they are compiled in as one JSON document.
MAPS := $(sort $(wildcard src/profile/maps/*.json))

# So are the passwords that everybody tries.
COMMON_PASSWORDS = src/crypto/data/common_passwords.txt

REGRESS = $(filter-out $(if $(WITHOUT_LDAP),ldap),$(patsubst test/sql/%.sql,%,$(sort $(wildcard test/sql/*.sql))))
REGRESS_OPTS = --inputdir=test

# Where pkg-config does not know them, they are looked for where the compiler looks by itself.
CRYPTO_PACKAGES = libsodium libcrypto libcrypt libargon2
CRYPTO_CFLAGS := $(shell pkg-config --cflags $(CRYPTO_PACKAGES) 2>/dev/null)
CRYPTO_LIBS := $(or $(shell pkg-config --libs $(CRYPTO_PACKAGES) 2>/dev/null),-lsodium -lcrypto -lcrypt -largon2)

# libjwt goes into a library of its own, which the server must not see as its own; see src/foreign/judge.h.
# WITH_LIBJWT=no builds without it: RS* and ES* tokens of other issuers cannot be verified then.
JWT_LIBRARY = userdir_jwt$(DLSUFFIX)
JWT_OBJS = src/foreign/judge.o
JWT_CFLAGS := $(shell pkg-config --cflags libjwt 2>/dev/null)
JWT_LIBS := $(or $(shell pkg-config --libs libjwt 2>/dev/null),-ljwt)
WITH_LIBJWT ?= yes

PG_CONFIG ?= pg_config
PG_CPPFLAGS = -Isrc -Ibuild $(CRYPTO_CFLAGS) $(LDAP_CFLAGS) -DUSERDIR_VERSION='"$(EXTVERSION)"' -DUSERDIR_DATA_VERSION=$(DATA_VERSION)
PG_CFLAGS = -std=gnu99 -fvisibility=hidden -Wall -Wextra -Wno-unused-parameter -Wno-sign-compare \
	-Wno-missing-field-initializers -MMD -MP $(if $(WERROR),-Werror) \
	$(if $(findstring clang,$(CC)),$(GCC_FLAGS_OK))
# The server's own flags and headers are for the compiler that built it, which is gcc.
GCC_FLAGS_OK = -Wno-unknown-warning-option -Wno-ignored-optimization-argument -Wno-ignored-attributes

SHLIB_LINK = $(CRYPTO_LIBS)

EXTRA_CLEAN = $(INSTALL_SQL) $(LDAP_SQL) $(OBJS:.o=.d) $(JWT_LIBRARY) $(JWT_OBJS) $(JWT_OBJS:.o=.d) \
	$(LDAP_OBJS) $(LDAP_OBJS:.o=.d) userdir_ldap$(DLSUFFIX) build

# Bitcode for JIT inlining would need clang on every build machine and gains nothing here.
override with_llvm = no

# The targets that install what is missing must work before there is a server to build for.
NEEDS_SERVER := $(filter-out help deps demo demo-stop test ci lint unit fuzz tap isolation regress check valgrind upgrade-check snapshot docs sql-reference versions bench-%,$(or $(MAKECMDGOALS),all))
ifneq ($(NEEDS_SERVER),)
PGXS := $(shell $(PG_CONFIG) --pgxs 2>/dev/null)
ifeq ($(wildcard $(PGXS)),)
$(error PostgreSQL's server headers were not found through "$(PG_CONFIG) --pgxs". Install them (Debian: make deps) or name another pg_config: make PG_CONFIG=/path/to/pg_config)
endif
include $(PGXS)

# Without a server within reach the regression tests make one of their own.
installcheck_runner = $(if $(shell $(bindir)/pg_isready -q && echo yes),,PG_CONFIG=$(PG_CONFIG) tools/cluster run)
pg_regress_installcheck := $(installcheck_runner) $(pg_regress_installcheck)

ifeq ($(WITH_LIBJWT),yes)
all: $(JWT_LIBRARY)
install: install-jwt
endif
uninstall: uninstall-jwt
.PHONY: install-jwt uninstall-jwt

$(JWT_LIBRARY): $(JWT_OBJS)
	$(CC) $(CFLAGS) -shared -o $@ $^ $(LDFLAGS) $(JWT_LIBS)

$(JWT_OBJS): override CPPFLAGS = -Isrc $(JWT_CFLAGS)
# Only libjwt 1.x has what is used here; 2 and 3 know no keys in PEM.
src/foreign/judge.o: build/libjwt
build/libjwt: build/flags
	@printf '%s\n' '#include <jwt.h>' 'int (*f)(jwt_t **, const char *, const unsigned char *, int) = jwt_decode;' | \
		$(CC) $(JWT_CFLAGS) -Werror -fsyntax-only -x c - || \
		{ echo 'libjwt 1.10 or later, but of version 1, was not found. Install it (Debian: make deps), or build without it: make WITH_LIBJWT=no' >&2; exit 1; }
	@touch $@

install-jwt: $(JWT_LIBRARY) installdirs
	$(INSTALL_SHLIB) $(JWT_LIBRARY) '$(DESTDIR)$(pkglibdir)/$(JWT_LIBRARY)'

uninstall-jwt:
	rm -f '$(DESTDIR)$(pkglibdir)/$(JWT_LIBRARY)'

ifeq ($(WITHOUT_LDAP),)
all: userdir_ldap$(DLSUFFIX)
install: install-ldap
uninstall: uninstall-ldap

userdir_ldap$(DLSUFFIX): $(LDAP_OBJS)
	$(LINK.shared) -o $@ $(LDAP_OBJS) $(LDFLAGS) $(LDFLAGS_SL) $(LDAP_LIBS)

.PHONY: install-ldap uninstall-ldap
install-ldap: userdir_ldap$(DLSUFFIX) installdirs
	$(INSTALL_SHLIB) $< '$(DESTDIR)$(pkglibdir)/$<'

uninstall-ldap:
	rm -f '$(DESTDIR)$(pkglibdir)/userdir_ldap$(DLSUFFIX)'
endif

-include $(OBJS:.o=.d) $(JWT_OBJS:.o=.d) $(LDAP_OBJS:.o=.d)

# Objects of another compiler, server or version must not be reused.
BUILD_FLAGS = $(CC) $(CFLAGS) $(EXTVERSION) $(DATA_VERSION) $(VERSION)
$(OBJS) $(JWT_OBJS) $(LDAP_OBJS): build/flags
build/flags: FORCE
	@mkdir -p build
	@echo '$(BUILD_FLAGS)' | cmp -s - $@ || echo '$(BUILD_FLAGS)' > $@
.PHONY: FORCE

$(INSTALL_SQL): $(SQL_PARTS) $(STORAGE_STEPS) $(STORAGE_REPEATED) tools/assemble_sql userdir.control
	tools/assemble_sql $(EXTVERSION) > $@.new && mv $@.new $@

$(LDAP_SQL): $(LDAP_PARTS) tools/assemble_sql userdir.control
	@grep -q "^default_version = '$(EXTVERSION)'$$" userdir_ldap.control || { echo 'userdir_ldap.control tells another version than userdir.control' >&2; exit 1; }
	tools/assemble_sql $(EXTVERSION) sql/ldap > $@.new && mv $@.new $@

build/default_maps.h: $(MAPS) tools/embed_maps
	@mkdir -p build
	tools/embed_maps $(MAPS) > $@.new && mv $@.new $@

src/profile/default_maps.o: build/default_maps.h

build/common_passwords_table.h: $(COMMON_PASSWORDS) tools/embed_passwords
	@mkdir -p build
	tools/embed_passwords $(COMMON_PASSWORDS) > $@.new && mv $@.new $@

src/crypto/common_passwords.o: build/common_passwords_table.h

endif

include tools/stages.mk
