#include "domain/dialogue/speech.h"

#include "core/text.h"
#include "domain/dialogue/words.h"

#include <algorithm>
#include <cctype>
#include <cmath>

namespace carevoice::domain::dialogue {
namespace {

constexpr char pause_mark = '|';

std::string mark_of(std::string_view key, std::size_t index) {
    return std::string(key) + "#" + std::to_string(index);
}

std::string joined(const std::vector<std::string>& texts) {
    std::string out;
    for (const auto& text : texts) out += (out.empty() ? "" : ", ") + text;
    return out;
}

}  // namespace

bool Speech::is_said(std::string_view sentence) const {
    return is_heard(sentence, state_.said);
}

std::optional<std::size_t> Speech::new_wording(std::string_view key, const Wordings& wordings,
                                               const Fills& fills) const {
    const auto& used = state_.wordings_used;
    const std::size_t start = (state_.wording_seed ^ stable_hash(key)) % wordings.size();
    std::optional<std::size_t> unused;
    for (std::size_t i = 0; i < wordings.size(); ++i) {
        const std::size_t at = (start + i) % wordings.size();
        if (std::ranges::find(used, mark_of(key, at)) != used.end()) continue;
        if (!unused) unused = at;
        if (has_news(filled(wordings[at], fills))) return at;
    }
    // Heard in another phrase only: better than the same one once more.
    return unused;
}

std::string Speech::without_said(std::string_view text) const {
    std::string kept;
    std::string_view last;
    for (const auto piece : pieces_of(text)) {
        const auto sentences = sentences_of(piece);
        if (!sentences.empty()) last = piece;
        if (!sentences.empty() && is_said(sentences.front())) continue;
        kept += piece;
    }
    const auto trimmed = trim(kept);
    return std::string(sentences_of(trimmed).empty() ? trim(last) : trimmed);
}

bool Speech::has_news(std::string_view text) const {
    return std::ranges::any_of(sentences_of(text), [&](const std::string& sentence) { return !is_said(sentence); });
}

void Speech::say_if_new(std::string_view phrase, const Fills& fills) {
    const auto& wordings = book_.of(phrase);
    const auto chosen = new_wording(phrase, wordings, fills);
    if (!chosen) return;
    state_.wordings_used.push_back(mark_of(phrase, *chosen));
    const auto text = filled(wordings[*chosen], fills);
    if (has_news(text)) say_text(without_said(text));
}

void Speech::say_one_of(std::string_view key, const Wordings& wordings, const Fills& fills) {
    if (wordings.empty()) return;
    auto& used = state_.wordings_used;
    std::size_t chosen = 0;
    if (const auto fresh = new_wording(key, wordings, fills)) {
        chosen = *fresh;
    } else {
        // All are used up: begin again with the one that was said longest ago.
        const auto prefix = std::string(key) + "#";
        const auto oldest = std::ranges::find_if(used, [&](const auto& mark) { return mark.starts_with(prefix); });
        chosen = static_cast<std::size_t>(std::stoul(oldest->substr(prefix.size()))) % wordings.size();
        used.erase(oldest);
    }
    used.push_back(mark_of(key, chosen));
    say_text(without_said(filled(wordings[chosen], fills)));
}

void Speech::say_text(std::string_view text) {
    if (text.empty()) return;
    if (!text_.empty()) text_ += ' ';
    for (const char c : text) {
        if (c != pause_mark) {
            // "a | b": one blank is enough.
            if (c != ' ' || text_.empty() || text_.back() != ' ') text_ += c;
        } else if (pauses_.empty() || pauses_.back() < text_.size()) {
            pauses_.push_back(text_.size());
        }
    }
    add_heard(state_.said, text);
}

std::string Speech::essential() const {
    auto from = essential_from_;
    while (from < text_.size() && text_[from] == ' ') ++from;
    return from < text_.size() ? text_.substr(from) : text_;
}

std::string Speech::filled(std::string_view text, const Fills& fills) const {
    std::string out;
    const auto& patient = *context_.patient;
    for (std::size_t at = 0; at < text.size();) {
        const auto end = text[at] == '{' ? text.find('}', at) : std::string_view::npos;
        if (end == std::string_view::npos) {
            out += text[at++];
            continue;
        }
        const auto name = text.substr(at + 1, end - at - 1);
        at = end + 1;
        const auto given = std::ranges::find(fills, name, &Fill::first);
        if (given != fills.end()) {
            out += given->second;
        } else if (name == "first_name") {
            out += patient.first_name;
        } else if (name == "listener") {
            out += state_.by_caregiver && patient.caregiver ? patient.caregiver->name : patient.first_name;
        } else if (name == "organisation") {
            out += context_.organisation.empty() ? "your care team" : context_.organisation;
        } else if (name == "procedure") {
            out += patient.procedure.empty() ? "operation" : patient.procedure;
        } else if (name == "callback_number") {
            out += context_.callback_number.empty() ? "the number you have for us"
                                                    : phone_in_words(context_.callback_number);
        } else if (name == "medications") {
            out += joined(patient.medications);
        } else if (name == "caregiver") {
            const auto known = state_.facts.find("caregiver_name");
            const auto* caregiver = known == state_.facts.end() ? nullptr : std::get_if<std::string>(&known->second);
            out += caregiver == nullptr ? "that person" : *caregiver;
        } else if (name == "blood_thinner") {
            out += blood_thinner_of(patient, book_);
        }
    }
    return out;
}

std::string blood_thinner_of(const Patient& patient, const WordingBook& book) {
    for (const auto& medication : patient.medications) {
        const auto name = to_lower_ascii(medication);
        for (const auto& thinner : book.blood_thinners)
            if (name.find(thinner) != std::string::npos) return thinner;
    }
    return {};
}

std::string with_article(int number) {
    const bool vowel = number == 8 || number == 11 || number == 18 || (number >= 80 && number < 90);
    return (vowel ? "An " : "A ") + in_words(number);
}

std::string temperature_in_words(double fahrenheit) {
    const auto tenths = static_cast<int>(std::lround(fahrenheit * 10.0));
    const int whole = tenths / 10;
    std::string text = whole >= 100 ? "one hundred" : in_words(whole);
    if (whole > 100) text += " " + in_words(whole - 100);
    if (tenths % 10 != 0) text += " point " + in_words(tenths % 10);
    return text;
}

std::string capitalised(std::string text) {
    if (!text.empty()) text.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(text.front())));
    return text;
}

}  // namespace carevoice::domain::dialogue
