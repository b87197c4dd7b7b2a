# userdir: a PGXS module. `make help` lists what can be done here.
EXTENSION = userdir
EXTVERSION := $(shell sed -n "s/^default_version *= *'\(.*\)'/\1/p" userdir.control)

MODULE_big = userdir
OBJS = $(patsubst %.c,%.o,$(sort $(wildcard src/pure/*.c src/base/*.c src/profile/*.c)))

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

REGRESS = $(patsubst test/sql/%.sql,%,$(sort $(wildcard test/sql/*.sql)))
REGRESS_OPTS = --inputdir=test

PG_CONFIG ?= pg_config
PG_CPPFLAGS = -Isrc -Ibuild -DUSERDIR_VERSION='"$(EXTVERSION)"' -DUSERDIR_DATA_VERSION=$(DATA_VERSION)
PG_CFLAGS = -std=gnu99 -fvisibility=hidden -Wall -Wextra -Werror -Wno-unused-parameter \
	-Wno-sign-compare -Wno-missing-field-initializers -MMD -MP

EXTRA_CLEAN = $(INSTALL_SQL) $(OBJS:.o=.d) build

# Bitcode for JIT inlining would need clang on every build machine and gains nothing here.
override with_llvm = no

PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)

-include $(OBJS:.o=.d)

# A build for another server or version must not reuse these objects.
$(OBJS): userdir.control Makefile

$(INSTALL_SQL): $(SQL_PARTS) $(STORAGE_STEPS) $(STORAGE_REPEATED) tools/assemble_sql userdir.control
	tools/assemble_sql $(EXTVERSION) > $@.new && mv $@.new $@

build/default_maps.h: $(MAPS) tools/embed_maps
	@mkdir -p build
	tools/embed_maps $(MAPS) > $@.new && mv $@.new $@

src/profile/default_maps.o: build/default_maps.h
