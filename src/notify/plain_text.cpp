#include "notify/plain_text.h"

#include "core/text.h"

#include <algorithm>
#include <array>
#include <utility>

namespace carevoice::notify {

namespace {

/// The well-formed character at the front of `text`, or an empty view when there is none.
std::string_view front_character(std::string_view text) {
    for (std::size_t length = 1; length <= std::min<std::size_t>(4, text.size()); ++length)
        if (is_valid_utf8(text.substr(0, length))) return text.substr(0, length);
    return {};
}

bool is_control(std::string_view character) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(character[i]); };
    if (character.size() == 1) return byte(0) < 0x20 || byte(0) == 0x7F;
    // C1 controls, the line and paragraph separators, and what turns the writing direction around.
    if (character.size() == 2) return byte(0) == 0xC2 && byte(1) < 0xA0;
    if (character.size() != 3 || byte(0) != 0xE2) return false;
    return (byte(1) == 0x80 && byte(2) >= 0xA8 && byte(2) <= 0xAE) || (byte(1) == 0x81 && byte(2) >= 0xA6);
}

constexpr std::array<std::pair<std::string_view, std::string_view>, 10> plain_forms = {{{"\u2018", "'"},
                                                                                        {"\u2019", "'"},
                                                                                        {"\u201C", "\""},
                                                                                        {"\u201D", "\""},
                                                                                        {"\u2013", "-"},
                                                                                        {"\u2014", "-"},
                                                                                        {"\u2026", "..."},
                                                                                        {"\u00A0", " "},
                                                                                        {"`", "'"},
                                                                                        {"\t", " "}}};

std::string_view plain_form(std::string_view character) {
    const auto* const found =
        std::ranges::find(plain_forms, character, &std::pair<std::string_view, std::string_view>::first);
    if (found != plain_forms.end()) return found->second;
    return gsm7_length(character) ? character : "?";
}

}  // namespace

std::string clean_line(std::string_view text, std::size_t characters_max) {
    constexpr std::string_view ellipsis = "...";
    std::string line;
    std::size_t characters = 0;
    std::size_t cut = 0;  // where the ellipsis would go
    while (!text.empty()) {
        const auto character = front_character(text);
        text.remove_prefix(std::max<std::size_t>(1, character.size()));
        const bool is_space = is_control(character) || character == " ";
        if (is_space && (line.empty() || line.back() == ' ')) continue;
        if (characters == characters_max) {
            line.resize(cut);
            return line.append(characters_max < ellipsis.size() ? "" : ellipsis);
        }
        line.append(character.empty() ? "?" : (is_space ? " " : character));
        if (++characters + ellipsis.size() <= characters_max) cut = line.size();
    }
    if (line.ends_with(' ')) line.pop_back();
    return line;
}

std::string escape_html(std::string_view text) {
    std::string escaped;
    for (const char c : text) {
        switch (c) {
            case '&': escaped += "&amp;"; break;
            case '<': escaped += "&lt;"; break;
            case '>': escaped += "&gt;"; break;
            case '"': escaped += "&quot;"; break;
            case '\'': escaped += "&#39;"; break;
            default: escaped += c;
        }
    }
    return escaped;
}

std::optional<std::size_t> gsm7_length(std::string_view text) {
    constexpr std::string_view escaped = "^{}\\[~]|";
    std::size_t septets = 0;
    for (const char c : text) {
        const bool is_printable = (c >= ' ' && c <= '~' && c != '`') || c == '\n';
        if (!is_printable) return std::nullopt;
        septets += escaped.find(c) == std::string_view::npos ? 1 : 2;
    }
    return septets;
}

std::string to_gsm7(std::string_view text, std::size_t septets_max) {
    std::string plain;
    std::size_t septets = 0;
    while (!text.empty()) {
        const auto character = front_character(text);
        text.remove_prefix(std::max<std::size_t>(1, character.size()));
        const auto form = character.empty() ? std::string_view("?") : plain_form(character);
        septets += gsm7_length(form).value_or(1);
        if (septets > septets_max) break;
        plain.append(form);
    }
    return plain;
}

}  // namespace carevoice::notify
