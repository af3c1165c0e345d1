#include "ai/scrub.h"

#include "ai/drug_names.h"
#include "core/text.h"
#include "core/time.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace carevoice::ai {

namespace {

constexpr std::size_t bytes_max = 600;
constexpr std::size_t long_digits = 4;  // of a house, a year, a card, a telephone
constexpr std::size_t name_letters_min = 2;
constexpr std::size_t introduced_words = 3;  // "my name is Anna Maria Albrecht"

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}
bool is_word_byte(char c) {
    return is_digit(c) || is_upper(c) || (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80 || c == '\'';
}

template <std::size_t Size>
bool contains(const std::array<std::string_view, Size>& words, std::string_view word) {
    return std::ranges::find(words, word) != words.end();
}

constexpr auto months = std::to_array<std::string_view>({"january", "february", "march", "april", "may", "june", "july",
                                                         "august", "september", "october", "november", "december"});
constexpr auto week_days =
    std::to_array<std::string_view>({"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
                                     "christmas", "easter", "thanksgiving", "english", "spanish", "tv", "okay", "ok"});
constexpr auto digit_words = std::to_array<std::string_view>(
    {"zero", "oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"});
constexpr auto number_words = std::to_array<std::string_view>(
    {"first",     "second",    "third",       "fourth",     "fifth",      "sixth",      "seventh",
     "eighth",    "ninth",     "tenth",       "eleventh",   "twelfth",    "thirteenth", "fourteenth",
     "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth", "twentieth",  "thirtieth",
     "ten",       "eleven",    "twelve",      "thirteen",   "fourteen",   "fifteen",    "sixteen",
     "seventeen", "eighteen",  "nineteen",    "twenty",     "thirty",     "forty",      "fifty",
     "sixty",     "seventy",   "eighty",      "ninety",     "hundred",    "thousand"});
constexpr auto titles = std::to_array<std::string_view>(
    {"doctor", "dr", "mr", "mrs", "ms", "miss", "mister", "nurse", "professor", "uncle", "aunt", "father", "pastor"});
constexpr auto lead_ins = std::to_array<std::string_view>({"name is", "names", "called", "speaking with", "this is"});

/// A word of the text, and what stands before it.
struct Piece {
    std::string before;  ///< blanks and punctuation
    std::string text;
    std::string lower;
    std::string_view instead;  ///< said in its place; empty: itself
    bool starts_sentence = false;
    bool gone = false;  ///< part of something replaced by one word before it
};

bool is_numeral(const Piece& piece) {
    const bool digits = !piece.lower.empty() && is_digit(piece.lower.front());
    return digits || contains(digit_words, piece.lower) || contains(number_words, piece.lower);
}

bool is_short_number(const Piece& piece) {
    return piece.lower.size() <= 2 && !piece.lower.empty() && std::ranges::all_of(piece.lower, is_digit);
}

// Only signs that speech has; everything else could pass for mark-up, or for the marks around a patient's words.
std::string plain(std::string_view words) {
    constexpr std::string_view kept = " ,.?!'-/@+:;";
    std::string text;
    for (const char c : words.substr(0, std::min(words.size(), 4 * bytes_max))) {
        const bool keep = is_word_byte(c) || kept.find(c) != std::string_view::npos;
        text.push_back(keep ? c : ' ');
    }
    return text;
}

std::vector<Piece> pieces_of(std::string_view text) {
    std::vector<Piece> pieces;
    std::string before;
    bool starts = true;
    for (std::size_t at = 0; at < text.size();) {
        if (!is_word_byte(text[at])) {
            starts = starts || text[at] == '.' || text[at] == '?' || text[at] == '!';
            before.push_back(text[at++]);
            continue;
        }
        const std::size_t begin = at;
        while (at < text.size() && is_word_byte(text[at])) ++at;
        std::string word(text.substr(begin, at - begin));
        std::string lower = to_lower_ascii(word);
        pieces.push_back({std::exchange(before, {}), std::move(word), std::move(lower), {}, starts, false});
        starts = false;
    }
    if (!before.empty()) pieces.push_back({std::move(before), {}, {}, {}, false, false});
    return pieces;
}

void replace(std::vector<Piece>& pieces, std::size_t first, std::size_t last, std::string_view instead) {
    for (std::size_t i = first; i <= last; ++i) {
        if (pieces[i].gone || !pieces[i].instead.empty()) return;
    }
    for (std::size_t i = first; i <= last; ++i) pieces[i].gone = i > first;
    pieces[first].instead = instead;
}

void hide_emails(std::vector<Piece>& pieces) {
    for (std::size_t i = 1; i < pieces.size(); ++i) {
        if (pieces[i].before != "@") continue;
        std::size_t first = i - 1;
        while (first > 0 && (pieces[first].before == "." || pieces[first].before == "-" || pieces[first].before == "+"))
            --first;
        std::size_t last = i;
        while (last + 1 < pieces.size() && !pieces[last + 1].text.empty() &&
               (pieces[last + 1].before == "." || pieces[last + 1].before == "-"))
            ++last;
        replace(pieces, first, last, "EMAIL");
    }
}

// "March 14th, 1957", "the fourteenth of March", "3/14/57".
void hide_dates(std::vector<Piece>& pieces) {
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        const bool slashes = i + 2 < pieces.size() && is_short_number(pieces[i]) && is_short_number(pieces[i + 1]) &&
                             is_numeral(pieces[i + 2]) && pieces[i + 1].before == pieces[i + 2].before &&
                             (pieces[i + 1].before == "/" || pieces[i + 1].before == "-");
        if (slashes) replace(pieces, i, i + 2, "DATE");
        if (!contains(months, pieces[i].lower)) continue;
        std::size_t first = i;
        std::size_t last = i;
        if (i >= 2 && pieces[i - 1].lower == "of" && is_numeral(pieces[i - 2])) first = i - 2;
        if (first == i && i >= 1 && is_numeral(pieces[i - 1])) first = i - 1;
        while (last + 1 < pieces.size() && is_numeral(pieces[last + 1])) ++last;
        if (first < last) replace(pieces, first, last, "DATE");
    }
}

std::size_t digits_in(const Piece& piece) {
    if (contains(digit_words, piece.lower)) return 1;
    const bool all = !piece.lower.empty() && std::ranges::all_of(piece.lower, is_digit);
    return all ? piece.lower.size() : 0;
}

// "101.5" is a reading, "555.010.0200" a telephone.
bool goes_on(const Piece& piece, const Piece& next) {
    constexpr std::size_t group = 3;
    return next.before != "." || (digits_in(piece) >= group && digits_in(next) >= group);
}

void hide_numbers(std::vector<Piece>& pieces) {
    for (std::size_t first = 0; first < pieces.size(); ++first) {
        std::size_t digits = 0;
        std::size_t end = first;
        while (end < pieces.size() && !pieces[end].gone && pieces[end].instead.empty() && digits_in(pieces[end]) > 0) {
            if (end > first && !goes_on(pieces[end - 1], pieces[end])) break;
            digits += digits_in(pieces[end++]);
        }
        if (digits >= long_digits) replace(pieces, first, end - 1, "NUMBER");
        if (end > first) first = end - 1;
    }
}

void hide_identifiers(std::vector<Piece>& pieces, const std::vector<std::string>& identifiers) {
    for (const std::string& identifier : identifiers) {
        const auto wanted = pieces_of(plain(identifier));
        const auto count = static_cast<std::size_t>(
            std::ranges::count_if(wanted, [](const Piece& piece) { return !piece.text.empty(); }));
        if (count == 0 || identifier.size() < name_letters_min) continue;
        for (std::size_t i = 0; i + count <= pieces.size(); ++i) {
            bool same = true;
            for (std::size_t k = 0; same && k < count; ++k) {
                std::string_view word = pieces[i + k].lower;
                if (word.ends_with("'s")) word.remove_suffix(2);
                same = word == wanted[k].lower;
            }
            if (same) replace(pieces, i, i + count - 1, "NAME");
        }
    }
}

void hide_introduced(std::vector<Piece>& pieces) {
    for (std::size_t i = 0; i + 1 < pieces.size(); ++i) {
        const bool title =
            contains(titles, pieces[i].lower) && !pieces[i + 1].text.empty() && is_upper(pieces[i + 1].text.front());
        if (title) replace(pieces, i + 1, i + 1, "NAME");
        const bool leads =
            contains(lead_ins, pieces[i].lower) || contains(lead_ins, pieces[i].lower + " " + pieces[i + 1].lower);
        if (!leads) continue;
        const std::size_t from = contains(lead_ins, pieces[i].lower) ? i + 1 : i + 2;
        for (std::size_t k = from; k < std::min(from + introduced_words, pieces.size()); ++k) {
            if (pieces[k].text.empty() || !is_upper(pieces[k].text.front())) break;
            pieces[k].instead = "NAME";
        }
    }
}

// The recogniser writes names with a capital letter.
void hide_capitalised(std::vector<Piece>& pieces, const std::unordered_set<std::string>& drugs) {
    for (Piece& piece : pieces) {
        const bool name_like = !piece.starts_sentence && piece.text.size() >= name_letters_min &&
                               is_upper(piece.text.front()) && !is_upper(piece.text[1]) && piece.text[1] != '\'';
        const bool known =
            drugs.contains(piece.lower) || contains(week_days, piece.lower) || contains(months, piece.lower);
        if (name_like && !known && piece.instead.empty()) piece.instead = "NAME";
    }
}

void cut(std::string& text) {
    if (text.size() <= bytes_max) return;
    std::size_t end = bytes_max;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    text.resize(end);
}

}  // namespace

std::vector<std::string> identifiers_of(const domain::Patient& patient) {
    std::vector<std::string> all = {patient.first_name, patient.last_name};
    if (patient.caregiver) all.push_back(patient.caregiver->name);
    // Each word of a name of several is one, too: "Anna Maria".
    for (std::size_t i = 0, count = all.size(); i < count; ++i) {
        for (Piece& piece : pieces_of(plain(all[i]))) {
            const bool part = piece.text.size() > name_letters_min && piece.text.size() < all[i].size();
            if (part) all.push_back(std::move(piece.text));
        }
    }
    all.insert(all.end(), {patient.patient_id.str(), patient.phone});
    if (patient.date_of_birth.ok()) all.push_back(format_date(patient.date_of_birth));
    if (patient.caregiver) all.push_back(patient.caregiver->phone);
    // A team's name has words that we say ourselves ("surgical team"), so it counts as a whole only.
    if (patient.care_team)
        all.insert(all.end(), {patient.care_team->name, patient.care_team->phone, patient.care_team->email});
    std::erase_if(all, [](const std::string& identifier) { return identifier.empty(); });
    return all;
}

Result<Scrubber> Scrubber::load(std::string_view lexicon_json) {
    auto names = drug_names(lexicon_json);
    if (!names) return names.error();
    return Scrubber({names->begin(), names->end()});
}

std::string Scrubber::scrub(std::string_view words, const std::vector<std::string>& identifiers) const {
    if (!is_valid_utf8(words)) return {};
    auto pieces = pieces_of(plain(words));
    hide_emails(pieces);
    hide_identifiers(pieces, identifiers);
    hide_dates(pieces);
    hide_numbers(pieces);
    hide_introduced(pieces);
    hide_capitalised(pieces, drugs_);
    std::string text;
    for (const Piece& piece : pieces) {
        if (piece.gone) continue;
        for (const char c : piece.before) {
            if (c != ' ' || text.empty() || text.back() != ' ') text.push_back(c);
        }
        text += piece.instead.empty() ? std::string_view(piece.text) : piece.instead;
    }
    cut(text);
    return std::string(trim(text));
}

}  // namespace carevoice::ai
