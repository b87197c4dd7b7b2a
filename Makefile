# userdir: a PGXS module. `make help` lists what can be done here.
EXTENSION = userdir
EXTVERSION := $(shell sed -n "s/^default_version *= *'\(.*\)'/\1/p" userdir.control)

MODULE_big = userdir
OBJS = $(patsubst %.c,%.o,$(sort $(wildcard src/pure/*.c src/base/*.c src/profile/*.c src/search/*.c src/crypto/*.c \
	src/events/*.c src/login/*.c src/module/*.c)))

# The install script is assembled from one file a feature, in the order of their numbers.
SQL_PARTS := $(sort $(wildcard sql/parts/*.sql))
STORAGE_STEPS := $(sort $(wildcard sql/storage/[0-9]*.sql))
STORAGE_REPEATED := $(sort $(wildcard sql/storage/always_*.sql))
DATA_VERSION := $(words $(STORAGE_STEPS))
INSTALL_SQL = sql/$(EXTENSION)--$(EXTVERSION).sql
DATA = $(sort $(wildcard sql/userdir--*--*.sql))
DATA_built = $(INSTALL_SQL)

# Default attribute maps are data; they are compiled in as one JSON document.
MAPS := $(sort $(wildcard src/profile/maps/*.json))

# So are the passwords that everybody tries.
COMMON_PASSWORDS = src/crypto/data/common_passwords.txt

REGRESS = $(patsubst test/sql/%.sql,%,$(sort $(wildcard test/sql/*.sql)))
REGRESS_OPTS = --inputdir=test

# Where pkg-config does not know them, they are looked for where the compiler looks by itself.
CRYPTO_PACKAGES = libsodium libcrypto libcrypt libargon2
CRYPTO_CFLAGS := $(shell pkg-config --cflags $(CRYPTO_PACKAGES) 2>/dev/null)
CRYPTO_LIBS := $(or $(shell pkg-config --libs $(CRYPTO_PACKAGES) 2>/dev/null),-lsodium -lcrypto -lcrypt -largon2)

PG_CONFIG ?= pg_config
PG_CPPFLAGS = -Isrc -Ibuild $(CRYPTO_CFLAGS) -DUSERDIR_VERSION='"$(EXTVERSION)"' -DUSERDIR_DATA_VERSION=$(DATA_VERSION)
PG_CFLAGS = -std=gnu99 -fvisibility=hidden -Wall -Wextra -Wno-unused-parameter -Wno-sign-compare \
	-Wno-missing-field-initializers -MMD -MP $(if $(WERROR),-Werror) \
	$(if $(findstring clang,$(CC)),$(GCC_FLAGS_OK))
# The server's own flags and headers are for the compiler that built it, which is gcc.
GCC_FLAGS_OK = -Wno-unknown-warning-option -Wno-ignored-optimization-argument -Wno-ignored-attributes

SHLIB_LINK = $(CRYPTO_LIBS)

EXTRA_CLEAN = $(INSTALL_SQL) $(OBJS:.o=.d) build

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

-include $(OBJS:.o=.d)

# Objects of another compiler, server or version must not be reused.
BUILD_FLAGS = $(CC) $(CFLAGS) $(EXTVERSION) $(DATA_VERSION) $(VERSION)
$(OBJS): build/flags
build/flags: FORCE
	@mkdir -p build
	@echo '$(BUILD_FLAGS)' | cmp -s - $@ || echo '$(BUILD_FLAGS)' > $@
.PHONY: FORCE

$(INSTALL_SQL): $(SQL_PARTS) $(STORAGE_STEPS) $(STORAGE_REPEATED) tools/assemble_sql userdir.control
	tools/assemble_sql $(EXTVERSION) > $@.new && mv $@.new $@

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
