/* MD5, RFC 1321: the sum by which dpkg knows the files of packages. */
#include "content.h"

#include "sys.h"

#define BLOCK_SIZE 64
#define CHUNK_SIZE (256 * BLOCK_SIZE)
#define SUM_DIGITS 32

/* RFC 1321, 3.4: floor(2^32 * |sin(i + 1)|), and by how much each step of a round rotates. */
static const uint32_t sines[64] = {
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501, 0x698098d8, 0x8b44f7af,
    0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821, 0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa,
    0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8, 0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8,
    0x676f02d9, 0x8d2a4c8a, 0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
    0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665, 0xf4292244, 0x432aff97,
    0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1, 0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1,
    0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391,
};
static const uint8_t rotations[4][4] = {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};

/* The RFC's registers A, B, C and D. */
struct digest {
    uint32_t word[4];
};

static uint32_t little_endian(const unsigned char *bytes) {
    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static void add_block(struct digest *digest, const unsigned char *block) {
    uint32_t a = digest->word[0], b = digest->word[1], c = digest->word[2], d = digest->word[3];
    for (uint32_t i = 0; i < 64; i++) {
        uint32_t round = i / 16, mixed, which;
        if (round == 0) mixed = (b & c) | (~b & d), which = i;
        else if (round == 1) mixed = (b & d) | (c & ~d), which = 5 * i + 1;
        else if (round == 2) mixed = b ^ c ^ d, which = 3 * i + 5;
        else mixed = c ^ (b | ~d), which = 7 * i;
        uint32_t sum = a + mixed + sines[i] + little_endian(block + which % 16 * 4);
        uint32_t by = rotations[round][i % 4];
        a = d, d = c, c = b, b += sum << by | sum >> (32 - by);
    }
    digest->word[0] += a, digest->word[1] += b, digest->word[2] += c, digest->word[3] += d;
}

/* What is left of a file of SIZE bytes behind its whole blocks: a bit, zeros, and the size in bits. */
static void add_end(struct digest *digest, const unsigned char *rest, uint64_t size) {
    unsigned char end[2 * BLOCK_SIZE];
    size_t left = size % BLOCK_SIZE, total = left < BLOCK_SIZE - 8 ? BLOCK_SIZE : 2 * BLOCK_SIZE;
    memset(end, 0, sizeof end);
    memcpy(end, rest, left);
    end[left] = 0x80;
    for (size_t i = 0; i < 8; i++) end[total - 8 + i] = (unsigned char)(size * 8 >> 8 * i);
    for (size_t at = 0; at < total; at += BLOCK_SIZE) add_block(digest, end + at);
}

/* Fills the buffer, unless the file ends before; less than 0 where it cannot be read. */
static long read_chunk(long file, unsigned char *chunk, uint64_t from) {
    size_t got = 0;
    while (got < CHUNK_SIZE) {
        long size = sys(__NR_pread64, file, chunk + got, CHUNK_SIZE - got, from + got);
        if (size < 0) return size;
        if (size == 0) break;
        got += (size_t)size;
    }
    return (long)got;
}

static int is_sum(const struct digest *digest, const char *sum) {
    if (length(sum) != SUM_DIGITS) return 0;
    for (size_t i = 0; i < SUM_DIGITS; i++) {
        uint32_t byte = digest->word[i / 8] >> i / 2 % 4 * 8 & 0xff;
        if (sum[i] != "0123456789abcdef"[i % 2 == 0 ? byte >> 4 : byte & 15]) return 0;
    }
    return 1;
}

int has_sum(long file, const char *sum) {
    struct digest digest = {{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476}};
    unsigned char chunk[CHUNK_SIZE];
    uint64_t size = 0;
    for (;;) {
        long got = read_chunk(file, chunk, size);
        if (got < 0) return 0;
        size_t whole = (size_t)got / BLOCK_SIZE * BLOCK_SIZE;
        for (size_t at = 0; at < whole; at += BLOCK_SIZE) add_block(&digest, chunk + at);
        size += (uint64_t)got;
        if (got == CHUNK_SIZE) continue;
        add_end(&digest, chunk + whole, size);
        return is_sum(&digest, sum);
    }
}
