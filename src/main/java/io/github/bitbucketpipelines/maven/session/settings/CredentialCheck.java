package io.github.bitbucketpipelines.maven.session.settings;

import io.github.bitbucketpipelines.maven.session.parameter.ParameterParser;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Finds what copying and CI servers do to credentials, before they are sent: Bitbucket would call them wrong or expired.
 * All errors are {@link IllegalArgumentException}s that name the field and never have its value.
 */
final class CredentialCheck {
    /** A reference that a CI server, a shell or a template engine would have replaced; no token has these characters. */
    private static final Pattern REFERENCE = Pattern.compile(
            "(?s)\\$\\w+|\\$env:\\w+|%\\w+%|!\\w+!|@[\\w.]+@|__\\w+__|<[^<>]*>|\\(\\(.*\\)\\)|(?:env|secrets|vars)\\.\\w+"
                    + "|[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|.*(?:\\$\\{|\\$\\(|\\$\\[|\\{\\{|#\\{|\\$\\$).*");

    private static final Pattern MASK = Pattern.compile(
            "(?s).*\\*\\*.*|[*\u2022\u25CF\u00B7]+|[xX]{4,}|(?i:[\\[<(]?(?:masked|redacted|hidden)[]>)]?)");
    /** What text has in the place of a value that is missing, in the languages of scripts. */
    private static final Pattern NO_VALUE = Pattern.compile("(?i)null|undefined|none|nil");

    /** What JSON, YAML and shells have around a token, or escaped in it. */
    private static final Pattern LEFTOVER = Pattern.compile("(?s).*[\\\\,;].*");

    private static final String QUOTES = "\"'`\u201C\u201D\u201E\u2018\u2019\u00AB\u00BB";
    private static final Pattern SCHEME = Pattern.compile("(?is)(?:authorization\\s*:|(?:bearer|basic|token)\\s).*");
    private static final Pattern ASSIGNMENT = Pattern.compile("(?s)(?:export\\s+)?[A-Z_]{4,}=.*");
    private static final Pattern TOKEN = Pattern.compile("AT[AC]T.{20,}");
    private static final Pattern PAIR = Pattern.compile("[!-~]+:[!-~]+");

    /** Minimum length of what may be Base64 of a user and a token: shorter text is so by chance. */
    private static final int MIN_BASE64 = 24;

    /** Minimum length of each half of a token that is there twice. */
    private static final int MIN_HALF = 8;

    private CredentialCheck() {}

    /** Refuses a reference to a variable that was left over. Call it before a password is decrypted: that fails on it. */
    static void checkReplaced(String field, String value) {
        if (REFERENCE.matcher(value.strip()).matches()) {
            throw invalid(
                    field,
                    "has the name of a variable, such as $NAME or ${NAME}, where its value should be: does this job get"
                            + " that secret?");
        }
    }

    /** Refuses a token, password or secret with more or less in it than the token. */
    static void checkToken(String field, String value) {
        check(field, value);
        if (MavenCredentials.looksEncrypted(value)) {
            throw invalid(field, "is encrypted by Maven, which decrypts the passwords of settings.xml alone");
        }
        if (LEFTOVER.matcher(value).matches()) {
            throw invalid(field, "has a '\\', ',' or ';' in it, which no token has: check how it was copied");
        }
        int half = value.length() / 2;
        if (half >= MIN_HALF && value.equals(value.substring(half).repeat(2))) {
            throw invalid(field, "is there twice, one after the other: check how it was copied");
        }
        if (value.indexOf(':') >= 0 || isPairInBase64(value)) {
            throw invalid(
                    field,
                    "has more than the token in it, like user:token or a URL: the username belongs into a field of its"
                            + " own");
        }
    }

    /** Refuses a username with more or less in it than the name. */
    static void checkUser(String field, String value) {
        check(field, value);
        if (value.indexOf(':') >= 0) {
            throw invalid(field, "has a ':', which no username has: the token belongs into a field of its own");
        }
        if (TOKEN.matcher(value).matches()) {
            throw invalid(field, "looks like a token: is it in the wrong field?");
        }
    }

    private static void check(String field, String value) {
        checkReplaced(field, value);
        if (NO_VALUE.matcher(value).matches()) {
            throw invalid(
                    field,
                    "is the word that a script writes in the place of a value that is missing (null, undefined):"
                            + " does this job get that secret?");
        }
        if (isQuote(value.charAt(0)) || isQuote(value.charAt(value.length() - 1))) {
            throw invalid(field, "has quotes around it: leave them out");
        }
        if (MASK.matcher(value).matches()) {
            throw invalid(field, "is a masked secret, as logs and settings pages show it: copy the secret itself");
        }
        if (SCHEME.matcher(value).matches()) {
            throw invalid(field, "has the scheme of a header in front, such as 'Bearer': leave that out");
        }
        if (ASSIGNMENT.matcher(value).matches()) {
            throw invalid(field, "has NAME= in front: leave that out");
        }
    }

    /** Returns the value without whitespace around it; refuses one that is given and blank. */
    static Optional<String> notEmpty(String field, String value) {
        Optional<String> given = ParameterParser.optional(value);
        if (value != null && given.isEmpty()) {
            throw invalid(field, "is set and empty: does this job get that secret?");
        }
        return given;
    }

    private static boolean isQuote(char c) {
        return QUOTES.indexOf(c) >= 0;
    }

    /** Whether it is what a Basic header has after its scheme. */
    private static boolean isPairInBase64(String value) {
        if (value.length() < MIN_BASE64) {
            return false;
        }
        try {
            String text = new String(Base64.getDecoder().decode(value), StandardCharsets.ISO_8859_1);
            return PAIR.matcher(text).matches();
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static IllegalArgumentException invalid(String field, String problem) {
        return new IllegalArgumentException(field + " " + problem);
    }
}
