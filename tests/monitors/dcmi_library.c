/* A libdcmi.so that answers from a table, with the layouts of Huawei's DCMI reference: card 0 has
 * one chip with HBM, card 3 two chips of which the second tells its temperature only. */
#include <stddef.h>

struct hbm { unsigned long long size; unsigned freq; unsigned long long usage; int temp; unsigned busy; };

#define REFUSED (-8255)
#define BARE (card == 3 && chip == 1)

int dcmi_init(void) { return 0; }

int dcmi_get_card_list(int *count, int *cards, int room) {
  if (room < 2) return REFUSED;
  cards[0] = 0;
  cards[1] = 3;
  *count = 2;
  return 0;
}

int dcmi_get_device_num_in_card(int card, int *count) { *count = card == 3 ? 2 : 1; return 0; }

int dcmi_get_device_utilization_rate(int card, int chip, int kind, unsigned *rate) {
  if (BARE || kind != 2) return REFUSED;
  *rate = 88;
  return 0;
}

int dcmi_get_device_temperature(int card, int chip, int *celsius) { *celsius = 40 + card + chip; return 0; }

int dcmi_get_device_power_info(int card, int chip, int *tenths) {
  if (BARE) return REFUSED;
  *tenths = 955;
  return 0;
}

int dcmi_get_device_hbm_info(int card, int chip, struct hbm *found) {
  if (card != 0) return REFUSED;
  *found = (struct hbm){65536, 1600, 16384, 52, 7};
  return chip;
}
