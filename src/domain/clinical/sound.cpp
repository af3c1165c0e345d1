#include "domain/clinical/sound.h"

#include <algorithm>
#include <vector>

namespace carevoice::domain::clinical {

namespace {

// One sign per family that the telephone cannot keep apart.
char family(char letter, char next) {
    switch (letter) {
        case 'b':
        case 'p': return 'p';
        case 'd':
        case 't': return 't';
        case 'c': return next == 'e' || next == 'i' || next == 'y' ? 's' : 'k';
        case 'g':
        case 'k':
        case 'q': return 'k';
        case 'f':
        case 'v': return 'f';
        case 's':
        case 'z':
        case 'x': return 's';
        case 'j': return 'j';
        case 'm':
        case 'n': return 'n';
        case 'l': return 'l';
        case 'r': return 'r';
        case 'a':
        case 'e':
        case 'i':
        case 'o':
        case 'u':
        case 'y': return 'a';
        default: return '\0';  // h and w carry little
    }
}

}  // namespace

std::string sound_key(std::string_view letters) {
    std::string key;
    for (std::size_t i = 0; i < letters.size(); ++i) {
        char letter = letters[i];
        const char next = i + 1 < letters.size() ? letters[i + 1] : '\0';
        if (letter == 'p' && next == 'h') letter = 'f';
        if (letter == 'q' && next == 'u') {
            key += "k";
            ++i;  // the u of qu is no vowel
            continue;
        }
        if (letter == 'x' && i > 0) {
            key += "ks";
            continue;
        }
        const char sign = family(letter, next);
        if (sign == '\0') continue;
        if (!key.empty() && key.back() == sign) continue;
        key.push_back(sign);
    }
    return key;
}

std::size_t sound_distance(std::string_view left, std::string_view right, std::size_t limit) {
    const std::size_t difference = left.size() > right.size() ? left.size() - right.size() : right.size() - left.size();
    if (difference > limit) return limit + 1;
    std::vector<std::size_t> row(right.size() + 1);
    for (std::size_t j = 0; j <= right.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= left.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= right.size(); ++j) {
            const std::size_t replaced = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
        }
    }
    return std::min(row[right.size()], limit + 1);
}

}  // namespace carevoice::domain::clinical
