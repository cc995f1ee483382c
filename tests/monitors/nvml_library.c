/* A libnvidia-ml.so.1 that answers from a table: the entry points that a driver of NVIDIA offers
 * and that this package asks, with the layouts and codes of the public header nvml.h. What the
 * cards answer was recorded on real ones (recorded_cards.h); what they do not measure is refused.
 *
 * FAKE_NVML_CARDS  how many cards there are (3, at most 7)
 * FAKE_NVML_PIDS   "pid:bytes,..." on card 0; bytes of -1 are hidden
 * FAKE_NVML_OLD    a driver that lacks what later versions added
 * FAKE_NVML_DIR    a directory in which tests say what happens: "lost" holds the number of a card
 *                  that has left the bus, "reasons" the bits that keep the clocks of card 0 down,
 *                  "xid" holds "card number", told once and removed
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "recorded_cards.h"

enum { OK = 0, INVALID = 2, UNSUPPORTED = 3, NOT_FOUND = 6, SMALL = 7, TIMEOUT = 10, NO_FUNCTION = 13, LOST = 15, MISMATCH = 25 };

typedef unsigned long long u64;
typedef struct { int index, mig; } Device;
typedef struct { unsigned gpu, memory; } Utilization;
typedef struct { u64 total, free, used; } Memory;
typedef struct { unsigned version; u64 total, reserved, free, used; } MemoryV2;
typedef struct { unsigned pid; u64 used; unsigned gpu_instance, compute_instance; } Process;
typedef struct {
  char legacy[16];
  unsigned domain, bus, device, pci_id, pci_subsystem;
  char bus_id[32];
} Pci;
typedef struct {
  unsigned field, scope;
  long long timestamp, latency_us;
  unsigned type;
  int status;
  union { double d; unsigned ui; unsigned long ul; u64 ull; long long sll; int si; unsigned short us; } value;
} Field;
typedef struct { Device *device; u64 type, data; unsigned gpu_instance, compute_instance; } Event;

static const u64 MIB = 1ULL << 20;
static Device devices[7] = {{0, -1}, {1, -1}, {2, -1}, {3, -1}, {4, -1}, {5, -1}, {6, -1}};
static Device parts[4] = {{2, 0}, {2, 1}, {2, 2}, {2, 3}};
static u64 registered;

static int read_file(const char *name, char *text, size_t size, int consume) {
  char path[512];
  const char *place = getenv("FAKE_NVML_DIR");
  if (!place) return 0;
  snprintf(path, sizeof path, "%s/%s", place, name);
  FILE *file = fopen(path, "r");
  if (!file) return 0;
  size_t length = fread(text, 1, size - 1, file);
  text[length] = 0;
  fclose(file);
  if (consume) unlink(path);
  return length > 0;
}

static int lost(int index) {
  char text[16];
  return read_file("lost", text, sizeof text, 0) && atoi(text) == index;
}

#define LIVING(device) if (lost((device)->index)) return LOST
#define WHOLE(device) LIVING(device); if ((device)->mig >= 0) return UNSUPPORTED
#define MEASURED(value) if ((value) == NA) return UNSUPPORTED
#define CARD(device) (&RECORDED[(device)->index])
#define NONE 0xFFFFFFFFu

int nvmlInitWithFlags(unsigned flags) { return flags ? INVALID : OK; }
int nvmlInit_v2(void) { return OK; }
int nvmlShutdown(void) { return OK; }

int nvmlDeviceGetCount_v2(unsigned *count) {
  const char *told = getenv("FAKE_NVML_CARDS");
  *count = told ? (unsigned)atoi(told) : 3;
  return OK;
}

int nvmlDeviceGetHandleByIndex_v2(unsigned index, Device **device) {
  if (index > 6) return INVALID;
  if (lost((int)index)) return LOST;
  *device = &devices[index];
  return OK;
}

int nvmlDeviceGetIndex(Device *device, unsigned *index) { LIVING(device); *index = (unsigned)device->index; return OK; }

int nvmlDeviceGetUtilizationRates(Device *device, Utilization *rates) {
  WHOLE(device);
  MEASURED(CARD(device)->gpu_util);
  *rates = (Utilization){(unsigned)CARD(device)->gpu_util, (unsigned)CARD(device)->memory_util};
  return OK;
}

static u64 mib(Device *device, long whole, long part) { return (u64)(device->mig >= 0 ? part : whole) * MIB; }

/* Version 1 counts what the driver keeps for itself as used, version 2 tells it apart. */
int nvmlDeviceGetMemoryInfo(Device *device, Memory *memory) {
  LIVING(device);
  const Card *card = CARD(device);
  MEASURED(card->total_mib);
  memory->total = mib(device, card->total_mib, card->part_total_mib);
  memory->used = mib(device, card->used_mib + card->reserved_mib, card->part_used_mib);
  memory->free = memory->total - memory->used;
  return OK;
}
int nvmlDeviceGetMemoryInfo_v2(Device *device, MemoryV2 *memory) {
  LIVING(device);
  if (getenv("FAKE_NVML_OLD")) return NO_FUNCTION;
  if (memory->version != (sizeof *memory | 2 << 24)) return MISMATCH;
  const Card *card = CARD(device);
  MEASURED(card->total_mib);
  memory->total = mib(device, card->total_mib, card->part_total_mib);
  memory->used = mib(device, card->used_mib, card->part_used_mib);
  memory->reserved = mib(device, card->reserved_mib, 0);
  memory->free = memory->total - memory->used - memory->reserved;
  return OK;
}

int nvmlDeviceGetTemperature(Device *device, unsigned sensor, unsigned *celsius) {
  WHOLE(device);
  if (sensor != 0) return INVALID;
  MEASURED(CARD(device)->celsius);
  *celsius = (unsigned)CARD(device)->celsius;
  return OK;
}

#define NUMBER(name, field) int name(Device *device, unsigned *value) { \
  WHOLE(device); MEASURED(CARD(device)->field); *value = (unsigned)CARD(device)->field; return OK; }
NUMBER(nvmlDeviceGetPowerUsage, power_mw)
NUMBER(nvmlDeviceGetEnforcedPowerLimit, power_limit_mw)
NUMBER(nvmlDeviceGetFanSpeed, fan_percent)
NUMBER(nvmlDeviceGetCurrPcieLinkGeneration, pcie_generation)
NUMBER(nvmlDeviceGetCurrPcieLinkWidth, pcie_width)
NUMBER(nvmlDeviceGetMaxMigDeviceCount, parts_at_most)

int nvmlDeviceGetClockInfo(Device *device, unsigned kind, unsigned *mhz) {
  WHOLE(device);
  if (kind > 3) return INVALID;
  MEASURED(CARD(device)->clocks_mhz[kind]);
  *mhz = (unsigned)CARD(device)->clocks_mhz[kind];
  return OK;
}

static int reasons(Device *device, u64 *value) {
  char text[32];
  WHOLE(device);
  MEASURED(CARD(device)->reasons);
  *value = (u64)CARD(device)->reasons;
  if (device->index == 0 && read_file("reasons", text, sizeof text, 0)) *value = strtoull(text, NULL, 0);
  return OK;
}
int nvmlDeviceGetCurrentClocksEventReasons(Device *device, u64 *value) {
  return getenv("FAKE_NVML_OLD") ? NO_FUNCTION : reasons(device, value);
}
int nvmlDeviceGetCurrentClocksThrottleReasons(Device *device, u64 *value) { return reasons(device, value); }

static int coder(Device *device, long percent, unsigned *value, unsigned *period_us) {
  WHOLE(device);
  MEASURED(percent);
  *value = (unsigned)percent;
  *period_us = 167000;
  return OK;
}
int nvmlDeviceGetEncoderUtilization(Device *device, unsigned *value, unsigned *us) { return coder(device, CARD(device)->encoder_util, value, us); }
int nvmlDeviceGetDecoderUtilization(Device *device, unsigned *value, unsigned *us) { return coder(device, CARD(device)->decoder_util, value, us); }

int nvmlDeviceGetTotalEccErrors(Device *device, unsigned error, unsigned counter, u64 *count) {
  WHOLE(device);
  MEASURED(CARD(device)->ecc_errors[0]);
  if (counter != 0) return INVALID;
  *count = (u64)CARD(device)->ecc_errors[error];
  return OK;
}

int nvmlDeviceGetPcieThroughput(Device *device, unsigned counter, unsigned *kilobytes) {
  WHOLE(device);
  MEASURED(CARD(device)->tx_kbytes);
  usleep(20000);
  *kilobytes = (unsigned)(counter ? CARD(device)->rx_kbytes : CARD(device)->tx_kbytes);
  return OK;
}

int nvmlDeviceGetFieldValues(Device *device, int count, Field *fields) {
  WHOLE(device);
  for (int at = 0; at < count; at++) {
    Field *field = &fields[at];
    int all_links = field->scope == 0xFFFFFFFF;
    field->status = OK;
    field->type = 3;
    const Card *card = CARD(device);
    long long counted = NA;
    switch (field->field) {
      case 82: field->type = 1; counted = card->memory_celsius; break;
      case 83: counted = card->energy_mj; break;
      case 94: field->type = 1; counted = card->pcie_replays; break;
      case 197: counted = getenv("FAKE_NVML_OLD") ? NA : card->pcie_tx_bytes; break;
      case 198: counted = getenv("FAKE_NVML_OLD") ? NA : card->pcie_rx_bytes; break;
      case 138: counted = all_links ? card->nvlink_tx_kib : NA; break;
      case 139: counted = all_links ? card->nvlink_rx_kib : NA; break;
      case 38: case 45: case 52: case 59: counted = card->nvlink_errors[(field->field - 38) / 7]; break;
    }
    if (counted == NA) field->status = UNSUPPORTED;
    else if (field->type == 1) field->value.ui = (unsigned)counted;
    else field->value.ull = (u64)counted;
  }
  return OK;
}

static int processes(int known, Process *table, unsigned *count, Process *found) {
  unsigned room = *count;
  *count = (unsigned)known;
  if (known == 0) return OK;
  if (found == NULL || room < (unsigned)known) return SMALL;
  memcpy(found, table, sizeof(Process) * (size_t)known);
  return OK;
}

static int compute(Device *device, unsigned *count, Process *found) {
  LIVING(device);
  Process table[16];
  int known = 0;
  const char *told = getenv("FAKE_NVML_PIDS");
  for (; device->index == 0 && told && *told && known < 16; known++) {
    char *rest;
    table[known] = (Process){(unsigned)strtoul(told, &rest, 10), 0, NONE, NONE};
    table[known].used = strtoull(rest + 1, &rest, 10);
    told = *rest ? rest + 1 : rest;
  }
  if (device->index == 1) table[known++] = (Process){4937, 160 * MIB, NONE, NONE};
  if (device->index == 2) {  /* one process on two parts */
    table[known++] = (Process){77, 2048 * MIB, 3, 0};
    table[known++] = (Process){77, 1024 * MIB, 4, 0};
  }
  return processes(known, table, count, found);
}
int nvmlDeviceGetComputeRunningProcesses_v3(Device *device, unsigned *count, Process *found) {
  return getenv("FAKE_NVML_OLD") ? NO_FUNCTION : compute(device, count, found);
}
int nvmlDeviceGetComputeRunningProcesses_v2(Device *device, unsigned *count, Process *found) {
  return compute(device, count, found);
}
int nvmlDeviceGetMPSComputeRunningProcesses_v3(Device *device, unsigned *count, Process *found) {
  LIVING(device);
  return processes(0, NULL, count, found);
}
int nvmlDeviceGetGraphicsRunningProcesses_v3(Device *device, unsigned *count, Process *found) {
  LIVING(device);
  Process table[] = {{1842, 410 * MIB, NONE, NONE}, {3190, 451 * MIB, NONE, NONE}, {34626, 183 * MIB, NONE, NONE}};
  return processes(device->index == 1 ? 3 : 0, table, count, found);
}

int nvmlDeviceGetUUID(Device *device, char *text, unsigned size) {
  LIVING(device);
  if (device->mig >= 0) snprintf(text, size, "MIG-%d%d000000-0000-5000-8000-000000000001", device->index, device->mig);
  else snprintf(text, size, "%s", CARD(device)->uuid);
  return OK;
}
int nvmlDeviceGetName(Device *device, char *text, unsigned size) {
  LIVING(device);
  snprintf(text, size, "%s%s", CARD(device)->name, device->mig >= 0 ? " MIG 1g.20gb" : "");
  return OK;
}
int nvmlSystemGetDriverVersion(char *text, unsigned size) { snprintf(text, size, "%s", DRIVER_VERSION); return OK; }
int nvmlDeviceGetPciInfo_v3(Device *device, Pci *pci) {
  WHOLE(device);
  memset(pci, 0, sizeof *pci);
  snprintf(pci->bus_id, sizeof pci->bus_id, "%s", CARD(device)->bus_id);
  return OK;
}

int nvmlDeviceGetMigMode(Device *device, unsigned *now, unsigned *pending) {
  WHOLE(device);
  MEASURED(CARD(device)->mig_mode);
  *now = *pending = (unsigned)CARD(device)->mig_mode;
  return OK;
}
int nvmlDeviceGetMigDeviceHandleByIndex(Device *device, unsigned index, Device **part) {
  WHOLE(device);
  for (int at = 0; at < 4; at++)
    if (parts[at].mig == (int)index) { *part = &parts[at]; return OK; }
  return NOT_FOUND;
}

int nvmlEventSetCreate(void **set) { *set = &registered; return OK; }
int nvmlDeviceRegisterEvents(Device *device, u64 types, void *set) {
  WHOLE(device);
  if (types != 8) return INVALID;
  *(u64 *)set |= 1ULL << device->index;
  return OK;
}
int nvmlEventSetWait_v2(void *set, Event *event, unsigned timeout_ms) {
  char text[32];
  int index;
  u64 xid;
  (void)timeout_ms;
  if (!read_file("xid", text, sizeof text, 1) || sscanf(text, "%d %llu", &index, &xid) != 2) return TIMEOUT;
  if (!(*(u64 *)set >> index & 1)) return TIMEOUT;
  *event = (Event){&devices[index], 8, xid, NONE, NONE};
  return OK;
}
