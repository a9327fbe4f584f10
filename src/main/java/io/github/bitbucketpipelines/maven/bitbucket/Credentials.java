package io.github.bitbucketpipelines.maven.bitbucket;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.function.IntPredicate;

/**
 * The credentials of a connection. Constructors throw an {@link IllegalArgumentException} with a message for users on
 * values that can't be sent; {@code toString} shows no secret.
 *
 * @see <a href="https://developer.atlassian.com/cloud/bitbucket/rest/intro/#authentication">Authentication</a>
 */
public sealed interface Credentials {
    /** An API token, with the Atlassian account's e-mail as the user. */
    record Basic(String user, String password) implements Credentials {
        public Basic {
            if (user.isBlank() || password.isBlank()) {
                throw new IllegalArgumentException("The username or the password for Bitbucket is empty");
            }
            if (user.indexOf(':') >= 0) {
                throw new IllegalArgumentException("The username for Bitbucket must not contain a ':'");
            }
            requireValid("username for Bitbucket", user, "username", Credentials::isUserCharacter);
            requireValid("password for Bitbucket", password, "token", Credentials::isTokenCharacter);
        }

        @Override
        public List<String> secrets() {
            return List.of(password, base64(user, password));
        }

        @Override
        public String toString() {
            return "Basic(***)";
        }
    }

    /** A repository, project or workspace access token. */
    record Bearer(String token) implements Credentials {
        public Bearer {
            requireValidToken(token);
        }

        @Override
        public List<String> secrets() {
            return List.of(token);
        }

        @Override
        public String toString() {
            return "Bearer(***)";
        }
    }

    /**
     * An OAuth consumer, which requests its own tokens (client credentials grant).
     *
     * @param tokenUrl {@link #TOKEN_URL}, but for tests
     */
    record OAuthConsumer(String key, String secret, URI tokenUrl) implements Credentials {
        /** Where Bitbucket Cloud gives out access tokens. */
        public static final URI TOKEN_URL = URI.create("https://bitbucket.org/site/oauth2/access_token");

        public OAuthConsumer {
            if (key.isBlank() || secret.isBlank()) {
                throw new IllegalArgumentException("The OAuth consumer's key (username) or secret (password) is empty");
            }
            if (key.indexOf(':') >= 0) {
                throw new IllegalArgumentException("The OAuth consumer's key (username) must not contain a ':'");
            }
            requireValid("OAuth consumer's key (username)", key, "key", Credentials::isTokenCharacter);
            requireValid("OAuth consumer's secret (password)", secret, "token", Credentials::isTokenCharacter);
            ApiUrl.checked("tokenUrl", tokenUrl.toString());
        }

        @Override
        public List<String> secrets() {
            return List.of(secret, base64(key, secret));
        }

        @Override
        public String toString() {
            return "OAuthConsumer(***)";
        }
    }

    /** The values to mask. */
    List<String> secrets();

    /** Whose requests Bitbucket counts: a user's, whichever tokens they come with; else the token's or the consumer's. */
    default List<String> rateLimitKey() {
        return this instanceof Basic basic ? List.of("user", basic.user()) : secrets();
    }

    /** The value of a Basic {@code Authorization}, without its scheme. */
    static String base64(String user, String password) {
        return Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
    }

    private static void requireValidToken(String token) {
        if (token.isBlank()) {
            throw new IllegalArgumentException("The access token for Bitbucket is empty");
        }
        requireValid("access token for Bitbucket", token, "token", Credentials::isTokenCharacter);
    }

    private static void requireValid(String name, String value, String kind, IntPredicate valid) {
        for (int at = 0; at < value.length(); at += Character.charCount(value.codePointAt(at))) {
            int c = value.codePointAt(at);
            if (!valid.test(c)) {
                String place = at == 0
                        ? "at its start"
                        : at + Character.charCount(c) == value.length() ? "at its end" : "inside";
                throw new IllegalArgumentException("The " + name + " has a character that no " + kind + " has ("
                        + characterName(c) + " " + place + "): check how it was copied");
            }
        }
    }

    /** Names an invisible character by its number; a letter is part of the secret and is not shown. */
    private static String characterName(int c) {
        if (Character.isLetter(c)) {
            return "a non-ASCII letter";
        }
        return switch (c) {
            case ' ' -> "a space";
            case '\n', '\r' -> "a line end";
            default -> String.format(Locale.ROOT, "U+%04X", c);
        };
    }

    /** Whether a header can carry it as it is. */
    static boolean isValidToken(String token) {
        return token.chars().allMatch(Credentials::isTokenCharacter);
    }

    private static boolean isTokenCharacter(int c) {
        return c > 0x20 && c < 0x7F;
    }

    /** An e-mail address may have letters of any script. */
    private static boolean isUserCharacter(int c) {
        return isTokenCharacter(c) || c >= 0x7F && Character.isLetterOrDigit(c);
    }
}
