/* A libnvidia-ml.so.1 that answers from a table: the entry points that a driver of NVIDIA offers
 * and that this package asks, with the layouts and codes of the public header nvml.h.
 *
 * Cards: 0 trains (HBM, NVLink, no fan), 1 rests on a desk (a fan, no ECC, no counters), 2 is
 * divided into MIG devices 0 and 2. What a card does not measure is refused, as drivers do.
 *
 * FAKE_NVML_CARDS  how many cards there are (3)
 * FAKE_NVML_PIDS   "pid:bytes,..." on card 0; bytes of -1 are hidden
 * FAKE_NVML_OLD    a driver that lacks what later versions added
 * FAKE_NVML_DIR    a directory; a file "lost" holds the number of a card that has left the bus,
 *                  "xid" holds "card number", told once and removed
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OK = 0, INVALID = 2, UNSUPPORTED = 3, NOT_FOUND = 6, SMALL = 7, TIMEOUT = 10, NO_FUNCTION = 13, LOST = 15 };

typedef unsigned long long u64;
typedef struct { int index, mig; } Device;
typedef struct { unsigned gpu, memory; } Utilization;
typedef struct { u64 total, free, used; } Memory;
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

static const u64 GIB = 1ULL << 30;
static Device devices[3] = {{0, -1}, {1, -1}, {2, -1}};
static Device parts[2] = {{2, 0}, {2, 2}};
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
#define OF(device, ...) unsigned long long of[] = {__VA_ARGS__}; \
  if (of[(device)->index] == (u64)-1) return UNSUPPORTED
#define NONE ((u64)-1)

int nvmlInitWithFlags(unsigned flags) { return flags ? INVALID : OK; }
int nvmlInit_v2(void) { return OK; }
int nvmlShutdown(void) { return OK; }

int nvmlDeviceGetCount_v2(unsigned *count) {
  const char *told = getenv("FAKE_NVML_CARDS");
  *count = told ? (unsigned)atoi(told) : 3;
  return OK;
}

int nvmlDeviceGetHandleByIndex_v2(unsigned index, Device **device) {
  if (index > 2) return INVALID;
  if (lost((int)index)) return LOST;
  *device = &devices[index];
  return OK;
}

int nvmlDeviceGetIndex(Device *device, unsigned *index) { LIVING(device); *index = (unsigned)device->index; return OK; }

int nvmlDeviceGetUtilizationRates(Device *device, Utilization *rates) {
  WHOLE(device);
  OF(device, 97, 0, NONE);
  *rates = (Utilization){(unsigned)of[device->index], device->index ? 0 : 41};
  return OK;
}

int nvmlDeviceGetMemoryInfo(Device *device, Memory *memory) {
  LIVING(device);
  u64 total[] = {80 * GIB, 24 * GIB, 40 * GIB}, used[] = {40 * GIB, 0, 8 * GIB};
  *memory = (Memory){total[device->index], 0, used[device->index]};
  if (device->mig >= 0) *memory = (Memory){20 * GIB, 0, device->mig ? 0 : 5 * GIB};
  memory->free = memory->total - memory->used;
  return OK;
}

int nvmlDeviceGetTemperature(Device *device, unsigned sensor, unsigned *celsius) {
  WHOLE(device);
  OF(device, 61, NONE, 35);
  if (sensor != 0) return INVALID;
  *celsius = (unsigned)of[device->index];
  return OK;
}

#define NUMBER(name, ...) int name(Device *device, unsigned *value) { \
  WHOLE(device); OF(device, __VA_ARGS__); *value = (unsigned)of[device->index]; return OK; }
NUMBER(nvmlDeviceGetPowerUsage, 540200, 0, 52100)
NUMBER(nvmlDeviceGetEnforcedPowerLimit, 700000, NONE, 400000)
NUMBER(nvmlDeviceGetFanSpeed, NONE, 0, NONE)
NUMBER(nvmlDeviceGetCurrPcieLinkGeneration, 5, 1, 4)
NUMBER(nvmlDeviceGetCurrPcieLinkWidth, 16, 8, 16)
NUMBER(nvmlDeviceGetMaxMigDeviceCount, NONE, NONE, 7)

int nvmlDeviceGetClockInfo(Device *device, unsigned kind, unsigned *mhz) {
  WHOLE(device);
  OF(device, 1980, NONE, 1410);
  *mhz = kind == 2 ? 2619 : kind == 1 ? 1965 : (unsigned)of[device->index];
  return OK;
}

static int reasons(Device *device, u64 *value) {
  WHOLE(device);
  OF(device, 0x4 | 0x40, NONE, 0x1);
  *value = of[device->index];
  return OK;
}
int nvmlDeviceGetCurrentClocksEventReasons(Device *device, u64 *value) {
  return getenv("FAKE_NVML_OLD") ? NO_FUNCTION : reasons(device, value);
}
int nvmlDeviceGetCurrentClocksThrottleReasons(Device *device, u64 *value) { return reasons(device, value); }

static int coder(Device *device, unsigned percent, unsigned *value, unsigned *period_us) {
  WHOLE(device);
  OF(device, percent, NONE, NONE);
  *value = (unsigned)of[device->index];
  *period_us = 167000;
  return OK;
}
int nvmlDeviceGetEncoderUtilization(Device *device, unsigned *value, unsigned *us) { return coder(device, 0, value, us); }
int nvmlDeviceGetDecoderUtilization(Device *device, unsigned *value, unsigned *us) { return coder(device, 12, value, us); }

int nvmlDeviceGetTotalEccErrors(Device *device, unsigned error, unsigned counter, u64 *count) {
  WHOLE(device);
  OF(device, 3, NONE, 0);
  if (counter != 0) return INVALID;
  *count = error ? 0 : of[device->index];
  return OK;
}

int nvmlDeviceGetPcieThroughput(Device *device, unsigned counter, unsigned *kilobytes) {
  WHOLE(device);
  usleep(20000);
  *kilobytes = counter ? 34000 : 12000;
  return OK;
}

int nvmlDeviceGetFieldValues(Device *device, int count, Field *fields) {
  WHOLE(device);
  for (int at = 0; at < count; at++) {
    Field *field = &fields[at];
    int all_links = field->scope == 0xFFFFFFFF;
    field->status = OK;
    field->type = 3;
    if (device->index == 1) { field->status = UNSUPPORTED; continue; }
    switch (field->field) {
      case 82: field->type = 1; field->value.ui = 84; break;
      case 83: field->value.ull = 123456789; break;
      case 94: field->type = 1; field->value.ui = 2; break;
      case 197: case 198:
        if (getenv("FAKE_NVML_OLD")) { field->status = INVALID; break; }
        field->value.ull = field->field == 197 ? 5000 : 6000;
        break;
      case 138: case 139:
        if (device->index == 2 || !all_links) { field->status = UNSUPPORTED; break; }
        field->value.ull = field->field == 138 ? 10 : 20;
        break;
      case 38: case 45: case 52: case 59:
        if (device->index == 2) { field->status = UNSUPPORTED; break; }
        field->value.ull = field->field == 52 ? 3 : 1;
        break;
      default: field->status = INVALID;
    }
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
  if (device->index == 2) {  /* one process on both instances */
    table[known++] = (Process){77, 2 * GIB, 1, 0};
    table[known++] = (Process){77, GIB, 2, 0};
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
  Process table[] = {{900, 12ULL << 20, NONE, NONE}};
  return processes(device->index == 1, table, count, found);
}

int nvmlDeviceGetUUID(Device *device, char *text, unsigned size) {
  LIVING(device);
  if (device->mig >= 0) snprintf(text, size, "MIG-%d%d000000-0000-5000-8000-000000000001", device->index, device->mig);
  else snprintf(text, size, "GPU-%d%d1c0ad0-0000-4000-8000-000000000001", device->index, device->index);
  return OK;
}
int nvmlDeviceGetName(Device *device, char *text, unsigned size) {
  LIVING(device);
  const char *names[] = {"NVIDIA H100 80GB HBM3", "NVIDIA GeForce RTX 4090", "NVIDIA A100-SXM4-40GB"};
  snprintf(text, size, "%s%s", names[device->index], device->mig >= 0 ? " MIG 3g.20gb" : "");
  return OK;
}
int nvmlSystemGetDriverVersion(char *text, unsigned size) { snprintf(text, size, "575.57.08"); return OK; }
int nvmlDeviceGetPciInfo_v3(Device *device, Pci *pci) {
  WHOLE(device);
  memset(pci, 0, sizeof *pci);
  snprintf(pci->bus_id, sizeof pci->bus_id, "00000000:%02X:00.0", 0x18 + device->index);
  return OK;
}

int nvmlDeviceGetMigMode(Device *device, unsigned *now, unsigned *pending) {
  WHOLE(device);
  OF(device, 0, NONE, 1);
  *now = *pending = (unsigned)of[device->index];
  return OK;
}
int nvmlDeviceGetMigDeviceHandleByIndex(Device *device, unsigned index, Device **part) {
  WHOLE(device);
  for (int at = 0; at < 2; at++)
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
