/* What drivers of NVIDIA said of real cards, as people have published it:
 *
 * 0  H100 80GB HBM3, at rest: `nvidia-smi -a` of 2024-09-26, driver 560.35.03, in the public notes
 *    on the nodes of Princeton's Della cluster
 * 1  RTX 4000 SFF Ada, on a desk: `nvidia-smi -q -x` of 2026-08-06, driver 595.84
 * 2  A100-SXM4-80GB, divided into four: `nvidia-smi -q -x` of 2023-08-04, driver 535.54.03;
 *    this and the one before are test data of Telegraf's plug-in nvidia_smi
 *
 * 3  Tesla T4, at work: what dcgm-exporter served, driver 590.48.01, in a public guide of Ericsson's
 *    to metrics of accelerators
 * 4  H800, training LLaMA-13B: `nvidia-smi nvlink -gt d`, its eight links added up, in the public
 *    notes llm-action; nothing else of it is recorded
 * 5  L40S: `nvidia-smi pci --getCounters` and `nvidia-smi -q | grep Thr`, in a public report of
 *    2026-08-11 to dcgm-exporter; nothing else of it is recorded
 * 6  GB300: `nvidia-smi nvlink -e`, in a public change to srt-slurm of 2026-08-13; nothing else of
 *    it is recorded. Nobody has published errors of NVLink other than 0.
 */
enum { NA = -1 };  /* the driver answers that the card does not support it, or nobody wrote it down */

static const char DRIVER_VERSION[] = "560.35.03";

typedef struct {
  const char *name, *uuid, *bus_id;
  long total_mib, reserved_mib, used_mib;
  long gpu_util, memory_util, encoder_util, decoder_util;
  long celsius, memory_celsius, fan_percent;
  long power_mw, power_limit_mw;
  long clocks_mhz[4];  /* graphics, SM, memory, video */
  long reasons;        /* bits of what keeps the clocks down; 1: nothing to do */
  long ecc_errors[2];  /* corrected, uncorrected, since the driver was loaded */
  long pcie_generation, pcie_width, pcie_replays, tx_kbytes, rx_kbytes;
  long mig_mode, parts_at_most, part_total_mib, part_used_mib;
  long energy_mj, pcie_tx_bytes, pcie_rx_bytes, nvlink_tx_kib, nvlink_rx_kib, nvlink_errors[4];
} Card;

static const Card RECORDED[] = {
    {
        .name = "NVIDIA H100 80GB HBM3", .uuid = "GPU-f7b02328-d6fe-5b1f-9683-15041689bb03",
        .bus_id = "00000000:DB:00.0",
        .total_mib = 81559, .reserved_mib = 450, .used_mib = 1,
        .gpu_util = 0, .memory_util = 0, .encoder_util = 0, .decoder_util = 0,
        .celsius = 34, .memory_celsius = 40, .fan_percent = NA,
        .power_mw = 71530, .power_limit_mw = 700000,
        .clocks_mhz = {345, 345, 2619, 765}, .reasons = 1, .ecc_errors = {0, 0},
        .pcie_generation = 5, .pcie_width = 16, .pcie_replays = 6, .tx_kbytes = 650, .rx_kbytes = 606,
        .mig_mode = 0, .parts_at_most = 7, .part_total_mib = NA, .part_used_mib = NA,
        .energy_mj = NA, .pcie_tx_bytes = NA, .pcie_rx_bytes = NA,
        .nvlink_tx_kib = NA, .nvlink_rx_kib = NA, .nvlink_errors = {NA, NA, NA, NA},
    },
    {
        .name = "NVIDIA RTX 4000 SFF Ada Generation", .uuid = "GPU-37037c3f-65c8-ec4d-24a9-420204ad8026",
        .bus_id = "00000000:06:00.0",
        .total_mib = 20475, .reserved_mib = 460, .used_mib = 3534,
        .gpu_util = 0, .memory_util = 37, .encoder_util = 0, .decoder_util = 0,
        .celsius = 38, .memory_celsius = NA, .fan_percent = 30,
        .power_mw = 8810, .power_limit_mw = 70000,
        .clocks_mhz = {210, 210, 405, 765}, .reasons = 1, .ecc_errors = {NA, NA},
        .pcie_generation = 1, .pcie_width = 16, .pcie_replays = 0, .tx_kbytes = 830, .rx_kbytes = 439,
        .mig_mode = NA, .parts_at_most = NA, .part_total_mib = NA, .part_used_mib = NA,
        .energy_mj = NA, .pcie_tx_bytes = NA, .pcie_rx_bytes = NA,
        .nvlink_tx_kib = NA, .nvlink_rx_kib = NA, .nvlink_errors = {NA, NA, NA, NA},
    },
    {
        .name = "NVIDIA A100-SXM4-80GB", .uuid = "GPU-513536b6-7d19-9063-b049-1e69664bb298",
        .bus_id = "00000000:01:00.0",
        .total_mib = 81920, .reserved_mib = 869, .used_mib = 50,
        .gpu_util = NA, .memory_util = NA, .encoder_util = NA, .decoder_util = NA,
        .celsius = 27, .memory_celsius = 44, .fan_percent = NA,
        .power_mw = 67030, .power_limit_mw = 500000,
        .clocks_mhz = {1275, 1275, 1593, 1275}, .reasons = 0, .ecc_errors = {0, 0},
        .pcie_generation = 4, .pcie_width = 16, .pcie_replays = 0, .tx_kbytes = 4000, .rx_kbytes = 0,
        .mig_mode = 1, .parts_at_most = 7, .part_total_mib = 19968, .part_used_mib = 12,
        .energy_mj = NA, .pcie_tx_bytes = NA, .pcie_rx_bytes = NA,
        .nvlink_tx_kib = NA, .nvlink_rx_kib = NA, .nvlink_errors = {NA, NA, NA, NA},
    },
    {
        .name = "Tesla T4", .uuid = "GPU-6d5c0ac5-74d7-3130-46f1-e93ed57f469a",
        .bus_id = "00000000:37:00.0",
        .total_mib = 9791 + 5120 + 447, .reserved_mib = 447, .used_mib = 5120,
        .gpu_util = 91, .memory_util = 73, .encoder_util = 0, .decoder_util = 0,
        .celsius = 74, .memory_celsius = NA, .fan_percent = NA,
        .power_mw = 68244, .power_limit_mw = NA,
        .clocks_mhz = {NA, 660, 5000, NA}, .reasons = NA, .ecc_errors = {NA, NA},
        .pcie_generation = NA, .pcie_width = NA, .pcie_replays = 0, .tx_kbytes = NA, .rx_kbytes = NA,
        .mig_mode = NA, .parts_at_most = NA, .part_total_mib = NA, .part_used_mib = NA,
        .energy_mj = 15152422938, .pcie_tx_bytes = NA, .pcie_rx_bytes = NA,
        .nvlink_tx_kib = NA, .nvlink_rx_kib = NA, .nvlink_errors = {NA, NA, NA, NA},
    },
    {
        .name = "NVIDIA H800", .uuid = "GPU-34bf77d1-c686-6821-79a8-32d326c5039c",
        .bus_id = "",
        .total_mib = NA, .reserved_mib = NA, .used_mib = NA,
        .gpu_util = NA, .memory_util = NA, .encoder_util = NA, .decoder_util = NA,
        .celsius = NA, .memory_celsius = NA, .fan_percent = NA,
        .power_mw = NA, .power_limit_mw = NA,
        .clocks_mhz = {NA, NA, NA, NA}, .reasons = NA, .ecc_errors = {NA, NA},
        .pcie_generation = NA, .pcie_width = NA, .pcie_replays = NA, .tx_kbytes = NA, .rx_kbytes = NA,
        .mig_mode = NA, .parts_at_most = NA, .part_total_mib = NA, .part_used_mib = NA,
        .energy_mj = NA, .pcie_tx_bytes = NA, .pcie_rx_bytes = NA,
        .nvlink_tx_kib = 11128243781, .nvlink_rx_kib = 11102817348, .nvlink_errors = {NA, NA, NA, NA},
    },
    {
        .name = "NVIDIA L40S", .uuid = "GPU-4b68ba5a-baf4-13df-48c0-a2d7271eacce",
        .bus_id = "",
        .total_mib = NA, .reserved_mib = NA, .used_mib = NA,
        .gpu_util = NA, .memory_util = NA, .encoder_util = NA, .decoder_util = NA,
        .celsius = NA, .memory_celsius = NA, .fan_percent = NA,
        .power_mw = NA, .power_limit_mw = NA,
        .clocks_mhz = {NA, NA, NA, NA}, .reasons = NA, .ecc_errors = {NA, NA},
        .pcie_generation = NA, .pcie_width = NA, .pcie_replays = NA, .tx_kbytes = 488, .rx_kbytes = 341,
        .mig_mode = NA, .parts_at_most = NA, .part_total_mib = NA, .part_used_mib = NA,
        .energy_mj = NA, .pcie_tx_bytes = 3020371496, .pcie_rx_bytes = 3893142392,
        .nvlink_tx_kib = NA, .nvlink_rx_kib = NA, .nvlink_errors = {NA, NA, NA, NA},
    },
    {
        .name = "NVIDIA GB300", .uuid = "",
        .bus_id = "",
        .total_mib = NA, .reserved_mib = NA, .used_mib = NA,
        .gpu_util = NA, .memory_util = NA, .encoder_util = NA, .decoder_util = NA,
        .celsius = NA, .memory_celsius = NA, .fan_percent = NA,
        .power_mw = NA, .power_limit_mw = NA,
        .clocks_mhz = {NA, NA, NA, NA}, .reasons = NA, .ecc_errors = {NA, NA},
        .pcie_generation = NA, .pcie_width = NA, .pcie_replays = NA, .tx_kbytes = NA, .rx_kbytes = NA,
        .mig_mode = NA, .parts_at_most = NA, .part_total_mib = NA, .part_used_mib = NA,
        .energy_mj = NA, .pcie_tx_bytes = NA, .pcie_rx_bytes = NA,
        .nvlink_tx_kib = NA, .nvlink_rx_kib = NA, .nvlink_errors = {0, NA, 0, 0},
    },
};
