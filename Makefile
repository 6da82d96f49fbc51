# qqtools. GNU make. See README; the knobs are conf-cc, conf-home and conf-qmail.

BUILD := build
CC := $(shell sed -n 1p conf-cc)
HOME_DIR := $(shell sed -n 1p conf-home)
QMAIL_DIR := $(shell sed -n 1p conf-qmail)
VERSION := $(shell sed -n 1p package/versions)
ROOMS := base mail qmail queue control users service log domains site move repair cli

STANDARD := -std=c99 -pedantic -D_XOPEN_SOURCE=700 -D_FILE_OFFSET_BITS=64 -pthread
WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wwrite-strings \
  -Wpointer-arith -Wcast-qual -Wformat=2 -Wundef -Wvla
COMPILE = $(CC) $(STANDARD) $(WARNINGS) -Isrc/include $(filter -D%,$(INTL)) $(EXTRA)

# -l:libNAME.a where the linker finds the archive: what runs at 3 a.m. should not hang on a library upgrade.
PROBE = $(BUILD)/probe.$$$$
archive_of = $(shell mkdir -p $(BUILD) && echo 'int main(void) { return 0; }' >$(PROBE).c && \
  { $(CC) $(PROBE).c -o $(PROBE) -l:lib$(1).a >/dev/null 2>&1 && echo -l:lib$(1).a || echo -l$(1); }; \
  rm -f $(PROBE).c $(PROBE))
# tinycdb, for users/cdb, before skalibs, which has functions of the same names.
CDB := $(call archive_of,cdb)
UTF8PROC := $(call archive_of,utf8proc)
SKALIBS := $(call archive_of,skarnet)
HASH := \#
# gettext(3): of libc, or in a library of its own; without it, or msgfmt, all is in English.
INTL := $(shell mkdir -p $(BUILD) && \
  printf '%s\n' '$(HASH)include <libintl.h>' 'int main(void) { return !gettext(""); }' >$(PROBE).c; \
  if $(CC) $(PROBE).c -o $(PROBE) >/dev/null 2>&1; then :; \
  elif $(CC) $(PROBE).c -o $(PROBE) -lintl >/dev/null 2>&1; then echo -lintl; \
  else echo -DQQ_WITHOUT_LIBINTL; fi; rm -f $(PROBE).c $(PROBE))
LIBRARIES := $(CDB) $(UTF8PROC) $(SKALIBS) $(filter -l%,$(INTL))
LANGUAGES := $(if $(shell command -v msgfmt),$(sort $(patsubst po/%.po,%,$(wildcard po/*.po))))
CATALOGUES := $(LANGUAGES:%=$(BUILD)/locale/%/LC_MESSAGES/qqtools.mo)
# ncurses, for qq-pick alone; where it is not, neither is qq-pick: `make CURSES=' does without, too.
curses_by = $(shell mkdir -p $(BUILD) && printf '%s\n' '$(HASH)include <curses.h>' \
  'int main(void) { wint_t c; return get_wch(&c) == ERR || !tigetstr("cup"); }' >$(PROBE).c && \
  $(CC) $(STANDARD) $(PROBE).c -o $(PROBE) $(1) >/dev/null 2>&1 && echo '$(1)'; rm -f $(PROBE).c $(PROBE))
CURSES := $(or $(call curses_by,-l:libncursesw.a -l:libtinfo.a),$(call curses_by,-l:libncursesw.a),$(call curses_by,-lncursesw))
PROGRAMS := $(filter-out $(if $(CURSES),,qq-pick),$(shell cat package/commands))

LIB := $(BUILD)/libqq.a
PROGRAM_ROOMS := qq qctl qusers qdom qlog qsvc $(if $(CURSES),pick)
PROGRAM_SOURCES := $(foreach p,$(PROGRAMS),$(wildcard src/*/$(p).c))
LIB_SOURCES := $(filter-out $(PROGRAM_SOURCES),$(wildcard $(ROOMS:%=src/%/*.c) $(PROGRAM_ROOMS:%=src/%/*.c)))
LIB_OBJECTS := $(LIB_SOURCES:src/%.c=$(BUILD)/obj/%.o)
BINARIES := $(PROGRAMS:%=$(BUILD)/bin/%)

.PHONY: all check bench fuzz install uninstall clean
all: $(BINARIES) $(CATALOGUES)
$(BUILD)/bin/qq-pick: LIBRARIES += $(CURSES)

$(BUILD)/obj/%.o: src/%.c $(BUILD)/config.h
	@mkdir -p $(@D)
	$(COMPILE) -MMD -MP -I$(BUILD) -c -o $@ $<

$(LIB): $(LIB_OBJECTS)
	@rm -f $@
	$(AR) rcs $@ $^

define program_rule
$(BUILD)/bin/$(notdir $(1)): $(BUILD)/obj/$(1).o $(LIB)
	@mkdir -p $$(@D)
	$(COMPILE) -o $$@ $$< $(LIB) $$(LIBRARIES)
endef
$(foreach p,$(PROGRAM_SOURCES:src/%.c=%),$(eval $(call program_rule,$(p))))

# Written each time, and replaced if it says something else: HOME_DIR may be given to one make alone.
.PHONY: anew
$(BUILD)/config.h: anew
	@mkdir -p $(@D)
	@{ printf '#define QQ_VERSION "%s"\n' '$(VERSION)'; printf '#define QQ_QMAIL_HOME "%s"\n' '$(QMAIL_DIR)'; \
	  printf '#define QQ_SHARE "%s/share/qqtools"\n' '$(HOME_DIR)'; \
	  printf '#define QQ_TEXT_DOMAIN "qqtools"\n#define QQ_LOCALES "%s/share/locale"\n' '$(HOME_DIR)'; } >$@.$$$$.new; \
	  if cmp -s $@.$$$$.new $@; then rm -f $@.$$$$.new; else mv -f $@.$$$$.new $@; fi

# What is marked as fuzzy stays English.
$(CATALOGUES): $(BUILD)/locale/%/LC_MESSAGES/qqtools.mo: po/%.po
	@mkdir -p $(@D)
	msgfmt -o $@ $<

# The list of all sentences, and in each catalogue those that came or went; see HACKING.
.PHONY: messages
messages:
	package/messages

# Completions for bash, zsh and fish, from what the programs say to --help.
completions: $(BUILD)/completions/made
$(BUILD)/completions/made: $(BINARIES) package/completions
	package/completions $(BUILD)/bin $(@D) $(PROGRAMS)
	@touch $@

install: all completions
	BUILD=$(BUILD) DESTDIR=$(DESTDIR) HOME_DIR=$(HOME_DIR) package/install

uninstall:
	DESTDIR=$(DESTDIR) HOME_DIR=$(HOME_DIR) package/uninstall

# Tests. Each name is one test for prove, run by tests/one; `asan:` in front of it means with the build in $(BUILD)/asan.
UNIT := $(patsubst tests/%.c,%,$(wildcard tests/unit/*.c))
FUZZ := $(patsubst tests/%.c,%,$(filter-out %/replay.c,$(wildcard tests/fuzz/*.c)))
ABOUT_SOURCES := $(wildcard $(patsubst %,tests/%.t,compilers deb floors install lint valgrind))
ABOUT_PROGRAMS := $(filter-out $(ABOUT_SOURCES),$(wildcard tests/*.t))
TEST_TOOLS := $(patsubst %,$(BUILD)/tests/%,mkqueue mklog model reap killnth floor measure)
# The clock for dates.t, the catalogues of languages.t; elsewhere these are skipped.
PRELOADED := $(if $(filter Linux,$(shell uname -s)),$(patsubst %,$(BUILD)/tests/%.so,ahead catalogues))
ZERO_COPY := $(patsubst %,$(BUILD)/tests/zero-copy/%,qctl-set qdom-add qdom-rm)
TEST_PROGRAMS := $(addprefix $(BUILD)/,$(UNIT) $(FUZZ)) $(TEST_TOOLS) $(PRELOADED) \
  $(BUILD)/tests/elsewhere/qsvc $(ZERO_COPY)
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all
PROCESSORS := $(shell getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)
# These stop programs at each system call in turn.
EXHAUSTIVE := $(patsubst %,tests/%.t,between fix-kill kill power qctl-crash qsvc-kill users-kill)
# What nobody has to wait for who only wants to know whether it works here.
ONLY_ALL := $(EXHAUSTIVE) tests/dates.t tests/deb.t tests/lint.t
# With the sanitizers these and what drives many programs take long, and tell nothing that the others do not.
LONG := $(EXHAUSTIVE) $(patsubst %,tests/%.t,dates languages model online qctl-reader trouble)
# What takes longest is begun first, so that nothing is left to wait for at the end.
SLOWEST := $(patsubst %,tests/%.t,qsvc-scripts requeue move qsvc-errands qsvc-stopped users rm trouble)
ONCE := $(filter-out $(ONLY_ALL),$(SLOWEST) $(ABOUT_SOURCES) $(filter-out $(SLOWEST),$(ABOUT_PROGRAMS)) $(UNIT) $(FUZZ))
SANITIZED := $(addprefix asan:,$(filter-out $(LONG),$(ABOUT_PROGRAMS)) $(UNIT) $(FUZZ))
JOBS = $(PROCESSORS)
PROVE = BUILD=$(abspath $(BUILD)) MAKE=$(MAKE) prove --jobs $(JOBS) --failures --comments --exec tests/one

.PHONY: completions test-programs asan headers objects check-all check-unit check-fuzz check-programs check-sources check-asan check-real
# Many tests wait most of the time, for deliveries and supervisors: who is in a hurry runs twice as many.
check: JOBS = $(shell echo $$((2 * $(PROCESSORS))))
check: all completions test-programs
	$(PROVE) $(ONCE)
check-all: all completions test-programs asan
	$(PROVE) $(ONLY_ALL) $(ONCE) $(SANITIZED)
check-unit: test-programs
	$(PROVE) $(UNIT)
check-fuzz: test-programs
	$(PROVE) $(FUZZ)
check-programs: all test-programs
	$(PROVE) $(ABOUT_PROGRAMS)
check-sources: all completions test-programs
	$(PROVE) $(ABOUT_SOURCES)
check-asan: asan
	$(PROVE) $(SANITIZED)

# With a real qmail that nobody needs, as root: see tests/real/real.pl. Each test takes the qmail
# for itself, so they run one at a time.
check-real: override JOBS := 1
check-real: all test-programs
	$(PROVE) $(wildcard tests/real/*.t)

test-programs: $(TEST_PROGRAMS)
asan:
	$(MAKE) BUILD=$(BUILD)/asan EXTRA='$(SANITIZE)' all test-programs
# Every source file, not linked; every header on its own.
objects: $(LIB_OBJECTS) $(PROGRAM_SOURCES:src/%.c=$(BUILD)/obj/%.o)
headers: $(BUILD)/config.h
	@for h in $(patsubst src/include/%,%,$(wildcard src/include/qq/*.h)); do \
	  printf '#include <%s>\nextern int alone;\n' $$h | $(COMPILE) -Werror -I$(BUILD) -fsyntax-only -x c - || exit 1; done

COMPILE_TEST = $(COMPILE) -MMD -MP -MF $@.d -I$(BUILD)
$(BUILD)/unit/%: tests/unit/%.c $(LIB)
	@mkdir -p $(@D)
	$(COMPILE_TEST) -o $@ $< $(LIB) $(LIBRARIES)
$(BUILD)/fuzz/%: tests/fuzz/%.c tests/fuzz/replay.c $(LIB)
	@mkdir -p $(@D)
	$(COMPILE_TEST) -o $@ $< tests/fuzz/replay.c $(LIB) $(LIBRARIES)
$(BUILD)/tests/%: tests/%.c
	@mkdir -p $(@D)
	$(COMPILE_TEST) -o $@ $< -lm
$(BUILD)/tests/model: $(wildcard tests/model/*.[ch])
	@mkdir -p $(@D)
	$(COMPILE_TEST) -o $@ $(filter %.c,$^) -lm
$(BUILD)/tests/%: tests/bench/%.c
	@mkdir -p $(@D)
	$(COMPILE_TEST) -o $@ $<
# qsvc as on a system of which src/base/os.c knows nothing.
$(BUILD)/tests/elsewhere/qsvc: src/base/os.c $(BUILD)/obj/qsvc/qsvc.o $(LIB)
	@mkdir -p $(@D)
	$(COMPILE_TEST) -U__linux__ -o $@ $< $(BUILD)/obj/qsvc/qsvc.o $(LIB) $(LIBRARIES)

# As with skalibs 2.14 and later.
object_of = $(patsubst src/%.c,$(BUILD)/obj/%.o,$(filter %/$(1).c,$(PROGRAM_SOURCES)))
$(ZERO_COPY): $(BUILD)/tests/zero-copy/%: tests/zero-copy.c $(LIB) $(BINARIES)
	@mkdir -p $(@D)
	$(COMPILE_TEST) -o $@ $< $(call object_of,$*) $(LIB) $(LIBRARIES)
# For LD_PRELOAD: with all that libc has, and without the sanitizers.
$(BUILD)/tests/%.so: tests/%.c
	@mkdir -p $(@D)
	$(CC) -std=gnu99 $(WARNINGS) -fPIC -shared -o $@ $< -ldl

# How fast the programs are: against bare system calls, and how time and memory grow with the queue. See tests/bench/run.
.PHONY: bench-growth bench-log bench-moving bench-picking
bench bench-growth bench-log bench-moving bench-picking: all $(TEST_TOOLS)
	BUILD=$(abspath $(BUILD)) tests/bench/run $(filter growth log moving picking,$(@:bench-%=%))

# Looks for new inputs that break a parser, with libFuzzer, each parser for FUZZ_SECONDS.
FUZZ_SECONDS := 600
fuzz:
	$(MAKE) BUILD=$(BUILD)/libfuzzer CC='clang -O1 -g' EXTRA='$(SANITIZE) -fsanitize=fuzzer-no-link' libfuzzer
	package/fuzz $(BUILD)/libfuzzer $(FUZZ_SECONDS)
.PHONY: libfuzzer
libfuzzer: $(patsubst fuzz/%,$(BUILD)/target/%,$(FUZZ))
$(BUILD)/target/%: tests/fuzz/%.c $(LIB)
	@mkdir -p $(@D)
	$(COMPILE_TEST) -fsanitize=fuzzer -o $@ $< $(LIB) $(LIBRARIES)

# How much of each source file the tests run. Counts begin empty, for everybody to write: programs give up root.
.PHONY: coverage tags
coverage:
	$(MAKE) BUILD=$(BUILD)/coverage EXTRA='-O0 --coverage' all completions test-programs
	find $(BUILD)/coverage/obj -name '*.gcno' -exec sh -c \
	  'for f; do : >"$${f%gcno}gcda"; chmod 666 "$${f%gcno}gcda"; done' sh {} +
	$(MAKE) BUILD=$(BUILD)/coverage PROVE='BUILD=$(abspath $(BUILD))/coverage prove --jobs $(JOBS) --exec tests/one' check-programs
	package/coverage $(BUILD)/coverage

tags:
	ctags -R src tests

clean:
	rm -rf $(BUILD) tags

-include $(wildcard $(BUILD)/obj/*/*.d $(BUILD)/unit/*.d $(BUILD)/fuzz/*.d $(BUILD)/target/*.d $(BUILD)/tests/*.d)
