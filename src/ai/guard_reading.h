// One sentence of a model while it is being judged, and what is known around it. Lives on the stack.
#pragma once

#include "ai/guard_tables.h"
#include "domain/clinical/tokens.h"

#include <cstddef>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

namespace carevoice::ai {

struct Sentence {
    std::size_t begin = 0;  ///< token index
    std::size_t end = 0;    ///< one past the last
    bool asks = false;      ///< with a question mark, or bidding ("tell me …")
    bool leads = false;     ///< to a question ("Let us talk about …")
};

std::vector<Sentence> sentences_of(const domain::clinical::Tokens& tokens);

/// What the patient said and what we would say, in the form in which a model's words are compared with it.
class Surroundings {
public:
    Surroundings(const GuardRails::Tables& tables, const GuardContext& context);

    /// Said by the patient: as denied ("no fever") when `denied`, else as it is.
    [[nodiscard]] bool patient_said(const std::string& word, bool denied) const;
    [[nodiscard]] bool patient_mentioned(const std::string& word) const;
    [[nodiscard]] bool own_statement_has(const std::string& word) const { return has(statement_words_, word); }
    [[nodiscard]] bool own_question_has(const std::string& word) const { return has(question_words_, word); }
    /// Numbers that a statement may name: those of our own statement, else those that the patient named.
    [[nodiscard]] bool statement_number(double value) const;
    [[nodiscard]] bool question_number(double value) const;

    [[nodiscard]] bool patient_asks() const { return patient_asks_; }
    /// The patient told something as a fact: he neither asked, nor supposed, nor told what others say.
    [[nodiscard]] bool may_echo() const { return !patient_asks_ && !patient_hedges_; }
    /// The words, in this order and next to one another (one may be left out), are what he said; and the last one was
    /// not about the word after it ("clear" of "clear fluid").
    [[nodiscard]] bool said_in_a_row(const std::vector<std::string>& words) const;
    [[nodiscard]] bool patient_denies() const { return !denied_.empty(); }
    /// Told of something good and of nothing bad, and asked nothing.
    [[nodiscard]] bool at_ease() const { return at_ease_; }

    [[nodiscard]] const domain::clinical::Tokens& own() const { return own_; }
    [[nodiscard]] const std::vector<Sentence>& own_sentences() const { return own_sentences_; }
    [[nodiscard]] std::size_t own_questions() const { return own_questions_; }
    [[nodiscard]] const std::vector<std::size_t>& own_topic_parts() const { return own_topic_parts_; }
    [[nodiscard]] const std::vector<std::size_t>& must_say() const { return must_say_; }
    [[nodiscard]] const std::unordered_set<std::string>& own_question_words() const { return question_words_; }

private:
    /// A word of the patient that carries meaning.
    struct Said {
        std::string kin;
        bool describes_next = false;  ///< another one follows at once
    };

    [[nodiscard]] bool goes_on_with(const std::vector<std::string>& words, std::size_t word, std::size_t said) const;
    [[nodiscard]] bool has(const std::unordered_set<std::string>& words, const std::string& word) const;
    void read_own(const GuardContext& context);
    void read_patient(const GuardContext& context);
    void take_patient_word(const domain::clinical::Tokens& tokens, std::size_t at, bool denied, bool& positive,
                           bool& worrying);

    const GuardRails::Tables& tables_;
    domain::clinical::Tokens own_;
    std::vector<Sentence> own_sentences_;
    std::unordered_set<std::string> statement_words_;
    std::unordered_set<std::string> question_words_;
    std::unordered_set<std::string> affirmed_;
    std::unordered_set<std::string> denied_;
    std::vector<double> statement_numbers_;
    std::vector<double> question_numbers_;
    std::vector<double> patient_numbers_;
    std::vector<std::size_t> own_topic_parts_;
    std::vector<std::size_t> must_say_;
    std::size_t own_questions_ = 0;
    std::vector<Said> said_;
    bool patient_asks_ = false;
    bool patient_hedges_ = false;
    bool at_ease_ = false;
};

class GuardReading {
public:
    /// All references outlive the reading. `topic` is null when it has no entry.
    GuardReading(const GuardRails::Tables& tables, const Surroundings& around, const Topic* topic,
                 std::string_view speak, const domain::clinical::Tokens& tokens);

    /// The first of the words that block wherever they stand, our own sentences apart.
    [[nodiscard]] std::optional<Breach> forbidden_word() const;
    /// Whether it asks the one question that is due; `due` is false when none may be asked.
    [[nodiscard]] std::optional<Breach> wrong_question(bool due) const;
    [[nodiscard]] bool omits_own_news() const;
    /// Every sentence is a row of pieces that we let a model say.
    [[nodiscard]] bool is_made_of_pieces() const;
    /// The likeliest name for what is not.
    [[nodiscard]] Breach likeliest_breach() const;

private:
    /// Which words may go on after the head of a piece.
    enum class Tail { none, kind, glad, report, note, refuse, quote, echo, ask };
    struct Reach;  ///< where a piece may begin

    void find_own_sentences();
    [[nodiscard]] bool is_own_sentence_at(std::size_t at, const Sentence& own) const;
    [[nodiscard]] bool is_asked(const domain::clinical::Mention& mention) const;
    [[nodiscard]] bool is_covered(const domain::clinical::Mention& mention) const;
    [[nodiscard]] bool asks_due_parts() const;
    [[nodiscard]] bool asks_other_topic() const;
    [[nodiscard]] bool reads(const Sentence& sentence) const;
    void take_pieces(const Sentence& sentence, std::size_t at, Reach& reach) const;
    void take_echo(const Sentence& sentence, std::size_t from, Reach& reach) const;
    void take_tail(const Sentence& sentence, std::size_t from, Tail tail, Reach& reach) const;
    [[nodiscard]] std::optional<Tail> tail_of(Mark mark, bool asks) const;
    [[nodiscard]] bool may_command(std::size_t at) const;
    [[nodiscard]] bool begins_clause(std::size_t at) const;
    [[nodiscard]] bool names_medicine(std::size_t at) const;
    [[nodiscard]] bool is_name(std::size_t at) const;
    [[nodiscard]] std::size_t step(std::size_t at, Tail tail, bool& denied) const;
    [[nodiscard]] bool is_ask_word(const std::string& word) const;
    [[nodiscard]] bool is_note_word(std::size_t at, bool denied) const;
    [[nodiscard]] bool is_tail_word(std::size_t at, Tail tail, bool denied) const;

    const GuardRails::Tables& tables_;
    const Surroundings& around_;
    const Topic* topic_;
    std::string_view speak_;
    const domain::clinical::Tokens& tokens_;
    std::vector<domain::clinical::Mention> mentions_;
    std::vector<std::vector<std::size_t>> starts_;  ///< mentions by their first token
    std::vector<Sentence> sentences_;
    std::vector<bool> own_words_;  ///< tokens that are part of a sentence of ours, word for word
};

}  // namespace carevoice::ai
