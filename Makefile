# qqtools. GNU make. See README; the knobs are conf-cc, conf-home and conf-qmail.

BUILD := build
CC := $(shell sed -n 1p conf-cc)
HOME_DIR := $(shell sed -n 1p conf-home)
QMAIL_DIR := $(shell sed -n 1p conf-qmail)
VERSION := $(shell sed -n 1p package/versions)
PROGRAMS := $(shell cat package/commands)
ROOMS := base mail qmail queue cli

STANDARD := -std=c99 -pedantic -D_XOPEN_SOURCE=700 -D_FILE_OFFSET_BITS=64 -pthread
WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wwrite-strings \
  -Wpointer-arith -Wcast-qual -Wformat=2 -Wundef -Wvla
COMPILE := $(CC) $(STANDARD) $(WARNINGS) -Isrc/include $(EXTRA)

# The archive of skalibs where the linker finds one: what runs at 3 a.m. should not hang on a library upgrade.
SKALIBS := $(shell printf 'int main(void){return 0;}\n' >/tmp/qq$$$$.c && \
  { $(CC) /tmp/qq$$$$.c -o /tmp/qq$$$$ -l:libskarnet.a >/dev/null 2>&1 && echo -l:libskarnet.a || echo -lskarnet; }; \
  rm -f /tmp/qq$$$$.c /tmp/qq$$$$)

LIB := $(BUILD)/libqq.a
PROGRAM_ROOMS := qq
PROGRAM_SOURCES := $(foreach p,$(PROGRAMS),$(wildcard src/*/$(p).c))
LIB_SOURCES := $(filter-out $(PROGRAM_SOURCES),$(wildcard $(ROOMS:%=src/%/*.c) $(PROGRAM_ROOMS:%=src/%/*.c)))
LIB_OBJECTS := $(LIB_SOURCES:src/%.c=$(BUILD)/obj/%.o)
BINARIES := $(PROGRAMS:%=$(BUILD)/bin/%)

.PHONY: all check bench fuzz install clean
all: $(BINARIES)

$(BUILD)/obj/%.o: src/%.c $(BUILD)/config.h
	@mkdir -p $(@D)
	$(COMPILE) -MMD -MP -I$(BUILD) -c -o $@ $<

$(LIB): $(LIB_OBJECTS)
	@rm -f $@
	$(AR) rcs $@ $^

define program_rule
$(BUILD)/bin/$(notdir $(1)): $(BUILD)/obj/$(1).o $(LIB)
	@mkdir -p $$(@D)
	$(COMPILE) -o $$@ $$< $(LIB) $(SKALIBS)
endef
$(foreach p,$(PROGRAM_SOURCES:src/%.c=%),$(eval $(call program_rule,$(p))))

$(BUILD)/config.h: conf-qmail package/versions
	@mkdir -p $(@D)
	@{ printf '#define QQ_VERSION "%s"\n' '$(VERSION)'; printf '#define QQ_QMAIL_HOME "%s"\n' '$(QMAIL_DIR)'; } > $@

clean:
	rm -rf $(BUILD)

-include $(wildcard $(BUILD)/obj/*/*.d)
