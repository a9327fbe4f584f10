package io.github.bitbucketpipelines.maven.definition;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.OptionalInt;

/**
 * Matches names of branches and tags by the rules of Atlassian's page "Use glob patterns on the Pipelines yaml file".
 * {@code *} stands for any characters except the slash, {@code **} for any characters. Not on that page, but found in
 * real files: <code>{a,b}</code> for either, {@code ?} for one character except the slash, {@code [0-9]} for one of a
 * class. Matching never backtracks: its time is proportional to the length of the pattern times that of the name.
 */
final class Glob {
    private static final int MAX_LENGTH = 1_000;
    private static final int MAX_ALTERNATIVES = 100;

    private final String pattern;

    /**
     * Parses the pattern.
     *
     * @throws IllegalArgumentException if it is longer than {@value #MAX_LENGTH} characters or its braces make more
     *     than {@value #MAX_ALTERNATIVES} alternatives; the message is fit for users
     */
    Glob(String pattern) {
        if (pattern.length() > MAX_LENGTH) {
            throw new IllegalArgumentException("a pattern has more than " + MAX_LENGTH + " characters");
        }
        this.pattern = pattern;
        alternatives();
    }

    /**
     * Returns how specific the match is: higher with each literal character of the pattern, and highest for a name that
     * equals the pattern. Empty where the name does not match.
     */
    OptionalInt match(String name) {
        if (pattern.equals(name)) {
            return OptionalInt.of(Integer.MAX_VALUE);
        }
        return alternatives().stream()
                .map(Alternative::of)
                .filter(alternative -> alternative.matches(name))
                .mapToInt(Alternative::specificity)
                .max();
    }

    @Override
    public String toString() {
        return pattern;
    }

    /** Expands the braces, which may be nested; an unpaired brace is literal. */
    private List<String> alternatives() {
        List<String> alternatives = new ArrayList<>();
        List<String> pending = new ArrayList<>(List.of(pattern));
        while (!pending.isEmpty()) {
            String next = pending.remove(pending.size() - 1);
            int open = innermostOpen(next);
            if (open < 0) {
                alternatives.add(next);
            } else {
                int close = next.indexOf('}', open);
                String before = next.substring(0, open);
                String after = next.substring(close + 1);
                for (String choice : next.substring(open + 1, close).split(",", -1)) {
                    pending.add(before + choice + after);
                }
            }
            if (pending.size() + alternatives.size() > MAX_ALTERNATIVES) {
                throw new IllegalArgumentException("a pattern has more than " + MAX_ALTERNATIVES + " alternatives");
            }
        }
        return alternatives;
    }

    /** Returns the index of the opening brace of the first closed pair; -1 where there is none. */
    private static int innermostOpen(String pattern) {
        int close = pattern.indexOf('}');
        while (close >= 0) {
            int open = pattern.lastIndexOf('{', close);
            if (open >= 0) {
                return open;
            }
            close = pattern.indexOf('}', close + 1);
        }
        return -1;
    }

    private sealed interface Token {
        record Literal(char character) implements Token {}

        /** {@code ?} */
        record AnyChar() implements Token {}

        /** {@code *}, or {@code **} where it crosses slashes. */
        record Star(boolean crossesSlashes) implements Token {}

        /** {@code [a-z]}, as pairs of first and last. */
        record CharClass(String ranges, boolean isNegated) implements Token {
            boolean contains(char character) {
                for (int i = 0; i < ranges.length(); i += 2) {
                    if (ranges.charAt(i) <= character && character <= ranges.charAt(i + 1)) {
                        return !isNegated;
                    }
                }
                return isNegated;
            }
        }
    }

    private record Alternative(List<Token> tokens) {
        static Alternative of(String pattern) {
            List<Token> tokens = new ArrayList<>();
            for (int i = 0; i < pattern.length(); i++) {
                char c = pattern.charAt(i);
                int close = c == '[' ? pattern.indexOf(']', i + 2) : -1;
                if (c == '*') {
                    int end = i;
                    while (end + 1 < pattern.length() && pattern.charAt(end + 1) == '*') {
                        end++;
                    }
                    tokens.add(new Token.Star(end > i));
                    i = end;
                } else if (c == '?') {
                    tokens.add(new Token.AnyChar());
                } else if (close > 0) {
                    tokens.add(charClass(pattern.substring(i + 1, close)));
                    i = close;
                } else {
                    tokens.add(new Token.Literal(c));
                }
            }
            return new Alternative(tokens);
        }

        private static Token.CharClass charClass(String inside) {
            boolean isNegated = inside.length() > 1 && (inside.charAt(0) == '!' || inside.charAt(0) == '^');
            StringBuilder ranges = new StringBuilder();
            for (int i = isNegated ? 1 : 0; i < inside.length(); i++) {
                boolean isRange = i + 2 < inside.length() && inside.charAt(i + 1) == '-';
                ranges.append(inside.charAt(i)).append(inside.charAt(isRange ? i + 2 : i));
                i += isRange ? 2 : 0;
            }
            return new Token.CharClass(ranges.toString(), isNegated);
        }

        /** Runs the tokens as a nondeterministic automaton; each bit is a token that may match the next character. */
        boolean matches(String name) {
            BitSet positions = new BitSet(tokens.size() + 1);
            positions.set(0);
            closeOverStars(positions);
            for (int i = 0; i < name.length() && !positions.isEmpty(); i++) {
                char c = name.charAt(i);
                BitSet next = new BitSet(tokens.size() + 1);
                positions.stream().filter(position -> position < tokens.size()).forEach(position -> {
                    Token token = tokens.get(position);
                    if (token instanceof Token.Star star) {
                        if (star.crossesSlashes() || c != '/') {
                            next.set(position);
                        }
                    } else if (token instanceof Token.Literal literal
                            ? literal.character() == c
                            : c != '/' && (!(token instanceof Token.CharClass charClass) || charClass.contains(c))) {
                        next.set(position + 1);
                    }
                });
                closeOverStars(next);
                positions = next;
            }
            return positions.get(tokens.size());
        }

        /** Adds the position after each star: a star also matches the empty string. */
        private void closeOverStars(BitSet positions) {
            for (int i = 0; i < tokens.size(); i++) {
                if (positions.get(i) && tokens.get(i) instanceof Token.Star) {
                    positions.set(i + 1);
                }
            }
        }

        /** Weighs literals most; between equals, fewer stars and fewer crossed slashes are more specific. */
        int specificity() {
            int specificity = 0;
            for (Token token : tokens) {
                if (token instanceof Token.Literal) {
                    specificity += 10_000;
                } else if (token instanceof Token.Star star) {
                    specificity -= star.crossesSlashes() ? 3 : 2;
                } else {
                    specificity += 100;
                }
            }
            return specificity;
        }
    }
}
