#include "ai/guard_tables.h"

#include "ai/drug_names.h"
#include "core/text.h"
#include "domain/json_check.h"

#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace carevoice::ai {

namespace {

namespace json = boost::json;
using domain::data::DataFault;
using domain::data::Entry;

constexpr std::string_view file = "protocols/guard_rails.json";

constexpr auto statement_marks = std::to_array<std::pair<std::string_view, Mark>>({
    {"openers", Mark::opener},
    {"complete", Mark::complete},
    {"at_ease", Mark::at_ease},
    {"kind", Mark::kind},
    {"glad", Mark::glad},
    {"report", Mark::report},
    {"note", Mark::note},
    {"refuse", Mark::refuse},
    {"quote", Mark::quote},
});
constexpr auto ask_marks = std::to_array<std::pair<std::string_view, Mark>>({
    {"open", Mark::ask_open},
    {"bidding", Mark::ask_bidding},
    {"leading", Mark::ask_leading},
});

std::optional<Breach> parse_breach(std::string_view name) {
    for (std::size_t i = 0; i < breach_count; ++i) {
        if (to_string(static_cast<Breach>(i)) == name) return static_cast<Breach>(i);
    }
    return std::nullopt;
}

std::vector<std::string> split(std::string_view text, std::string_view separator) {
    std::vector<std::string> pieces;
    for (std::size_t from = 0; from <= text.size();) {
        const std::size_t to = std::min(text.find(separator, from), text.size());
        pieces.emplace_back(text.substr(from, to - from));
        from = to + separator.size();
    }
    return pieces;
}

class Loader {
public:
    Loader(const json::object& root, std::vector<std::string> drugs)
        : root_(root, std::string(file)), drugs_(std::move(drugs)) {}

    std::unique_ptr<const GuardRails::Tables> run() {
        (void)root_.number_or("version", 1, 1, 1);
        (void)root_.text_or("about", "");
        limits();
        define_classes();
        word_lists();
        for (const auto& [name, mark] : statement_marks) add(pieces_.texts(name), {.mark = mark});
        pieces_.finish();
        for (const auto& [name, mark] : ask_marks) add(asks_.texts(name), {.mark = mark});
        asks_.finish();
        add(root_.texts("asking"), {.mark = Mark::asking});
        add(root_.texts("medicines"), {.mark = Mark::medicine});
        std::size_t part = 0;
        for (const std::string& pattern : root_.texts("must_say"))
            add({pattern}, {.mark = Mark::must_say, .part = part++});
        breaches("never", Mark::never);
        breaches("signs", Mark::sign);
        topics();
        root_.finish();
        return std::move(tables_);
    }

private:
    Entry required(std::string_view name) {
        auto entry = root_.entry_or_none(name);
        if (!entry) root_.fail(std::string(name) + " is missing");
        return std::move(*entry);
    }

    void limits() {
        Entry limits = required("limits");
        tables_->words_max = static_cast<std::size_t>(limits.number_or("words", 45, 5, 200));
        tables_->sentences_max = static_cast<std::size_t>(limits.number_or("sentences", 3, 1, 10));
        limits.finish();
        fill(tables_->fixed_topics, root_, "fixed_topics");
    }

    void define_classes() {
        tables_->patterns.define_soft_words(root_.texts("soft_words"));
        define("drug_name", drugs_);
        Entry classes = required("classes");
        for (const auto& member : classes.object()) define(std::string(member.key()), classes.texts(member.key()));
    }

    void define(const std::string& name, const std::vector<std::string>& members) {
        if (const auto done = tables_->patterns.define_class(name, members); !done)
            root_.fail("classes: " + done.error().detail);
    }

    static void fill(WordList& list, Entry& entry, std::string_view name) {
        for (const std::string& word : entry.texts(name)) {
            if (word.find(' ') != std::string::npos) entry.fail(std::string(name) + " takes single words: " + word);
            list.add(word);
        }
    }

    void word_lists() {
        fill(tables_->function_words, root_, "function_words");
        fill(tables_->kind_words, root_, "kind_words");
        fill(tables_->note_words, root_, "note_words");
        fill(tables_->refuse_words, root_, "refuse_words");
        fill(tables_->never_echo, root_, "never_echo");
        fill(tables_->after_you, root_, "after_you");
        fill(tables_->time_words, root_, "time_words");
        fill(tables_->new_subjects, root_, "new_subjects");
        fill(tables_->hedges, root_, "hedges");
        fill(tables_->proper_words, root_, "proper_words");
        fill(tables_->own_voice, root_, "own_voice");
        fill(tables_->commands, root_, "commands");
        fill(tables_->denials, root_, "denials");
        fill(tables_->positive_words, root_, "positive_words");
        fill(tables_->worrying_words, root_, "worrying_words");
        fill(tables_->ask_words, asks_, "words");
        for (const std::string& family : root_.texts("same_words")) tables_->kin.add_family(split(family, " "));
    }

    void add(const std::vector<std::string>& patterns, const Rule& rule) {
        const auto owner = static_cast<std::uint32_t>(tables_->rules.size());
        tables_->rules.push_back(rule);
        for (const std::string& pattern : patterns) {
            if (const auto done = tables_->patterns.add(owner, pattern); !done) root_.fail(done.error().detail);
        }
    }

    void breaches(std::string_view section, Mark mark) {
        Entry lists = required(section);
        for (const auto& member : lists.object()) {
            const auto breach = parse_breach(member.key());
            if (!breach) lists.fail("no such breach: " + std::string(member.key()));
            add(lists.texts(member.key()), {.mark = mark, .breach = *breach});
        }
    }

    void topics() {
        Entry section = required("topics");
        for (const auto& member : section.object()) {
            auto entry = section.entry_or_none(member.key());
            if (!entry) section.fail(std::string(member.key()) + " must be an object");
            topic(std::string(member.key()), *entry);
        }
    }

    void topic(std::string name, Entry& entry) {
        Topic topic;
        const std::size_t index = tables_->topics.size();
        topic.near = entry.texts_or_none("near");
        fill(topic.words, entry, "words");
        for (const std::string& part : entry.texts("parts")) {
            add(split(part, " | "), {.mark = Mark::topic_part, .topic = index, .part = topic.parts});
            ++topic.parts;
        }
        add(entry.texts_or_none("cues"), {.mark = Mark::topic_cue, .topic = index});
        for (const std::string& number : entry.texts_or_none("numbers")) {
            const auto value = parse_digits(number);
            if (!value) entry.fail("numbers must be digits");
            topic.numbers.push_back(static_cast<double>(*value));
        }
        entry.finish();
        topic.name = std::move(name);
        tables_->topics.push_back(std::move(topic));
    }

    Entry root_;
    std::vector<std::string> drugs_;
    Entry pieces_ = required("pieces");
    Entry asks_ = required("asks");
    std::unique_ptr<GuardRails::Tables> tables_ = std::make_unique<GuardRails::Tables>();
};

}  // namespace

const Topic* GuardRails::Tables::topic(std::string_view name) const {
    const auto found = std::ranges::find(topics, name, &Topic::name);
    return found == topics.end() ? nullptr : &*found;
}

Result<std::unique_ptr<const GuardRails::Tables>> load_guard_tables(std::string_view guard_rails_json,
                                                                    std::string_view lexicon_json) {
    auto drugs = drug_names(lexicon_json);
    if (!drugs) return drugs.error();
    try {
        json::value storage;
        const auto& root = domain::data::parse_document(file, guard_rails_json, storage);
        return Loader(root, std::move(*drugs)).run();
    } catch (const DataFault& fault) {
        return Error{Errc::corrupt, fault.what(), std::string(file)};
    }
}

}  // namespace carevoice::ai
