package io.github.bitbucketpipelines.maven.bitbucket;

import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The base of the REST API, checked: https, or http to this machine, with nothing but a host, a port and a path. The
 * credentials go to its origin (scheme, host, port) and nowhere else.
 */
public final class ApiUrl {
    private static final Pattern LOOPBACK_V4 = Pattern.compile("127(\\.\\d{1,3}){3}");

    private final URI base;

    private ApiUrl(URI base) {
        this.base = base;
    }

    /** Refuses, by an {@link IllegalArgumentException} fit for users, what can't or must not be the API's base. */
    public static ApiUrl of(String text) {
        URI uri = checked("apiUrl", text);
        if (uri.getRawQuery() != null) {
            throw new IllegalArgumentException("The apiUrl must not have a query ('?...'): it is the API's base, like"
                    + " https://api.bitbucket.org/2.0");
        }
        return new ApiUrl(URI.create(uri.toString().replaceAll("/+$", "")));
    }

    /** Checks an address that secrets are sent to; error messages do not show it. */
    static URI checked(String parameter, String text) {
        URI uri;
        try {
            uri = new URI(text.strip());
        } catch (URISyntaxException e) {
            String why = TextSanitizer.singleLine(e.getReason());
            throw new IllegalArgumentException("The " + parameter + " is not a valid URL: " + why);
        }
        if (uri.getRawUserInfo() != null || text.contains("@")) {
            throw new IllegalArgumentException("The " + parameter + " must not contain credentials ('user:password@'):"
                    + " they belong in a <server> of settings.xml");
        }
        String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        if (uri.getHost() == null || !(scheme.equals("https") || scheme.equals("http"))) {
            throw new IllegalArgumentException("The " + parameter + " is not an https URL with a host name");
        }
        if (uri.getRawFragment() != null) {
            throw new IllegalArgumentException("The " + parameter + " must not have a fragment ('#...')");
        }
        if (scheme.equals("http") && !isLoopback(uri)) {
            throw new IllegalArgumentException("The " + parameter + " must be https: over plain http others on"
                    + " the way could read the credentials. Plain http is only for this machine (localhost, 127.0.0.1,"
                    + " ::1)");
        }
        return uri;
    }

    /** Whether the host is this machine by its very spelling; no name is looked up. */
    public static boolean isLoopback(URI uri) {
        String host = uri.getHost();
        if (host == null) {
            return false;
        }
        if (host.startsWith("[")) {
            try {
                return InetAddress.getByName(host).isLoopbackAddress();
            } catch (UnknownHostException e) {
                return false;
            }
        }
        return host.equalsIgnoreCase("localhost") || LOOPBACK_V4.matcher(host).matches();
    }

    /** Scheme, host and port, in one spelling. */
    static String origin(URI uri) {
        String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
        int port = uri.getPort() >= 0 ? uri.getPort() : scheme.equals("https") ? 443 : 80;
        return scheme + "://" + String.valueOf(uri.getHost()).toLowerCase(Locale.ROOT) + ":" + port;
    }

    /** Whether this address has the API's own origin. */
    boolean isOrigin(URI uri) {
        return origin(uri).equals(origin(base));
    }

    /** Whether the API is on this machine and reached over plain http. */
    boolean isPlainLoopback() {
        return base.getScheme().equalsIgnoreCase("http");
    }

    String host() {
        return base.getHost();
    }

    /** The address of a resource; the segments are percent-encoded here. */
    URI resource(String... segments) {
        StringBuilder path = new StringBuilder(base.toString());
        for (String segment : segments) {
            if (segment.isEmpty() || segment.equals(".") || segment.equals("..")) {
                throw new IllegalArgumentException("'" + segment + "' can't be part of an address");
            }
            path.append('/').append(encoded(segment));
        }
        return URI.create(path.toString());
    }

    /** Percent-encodes everything but RFC 3986's unreserved characters. */
    static String encoded(String text) {
        StringBuilder encoded = new StringBuilder(text.length() + 16);
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xFF);
            if (c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || "-._~".indexOf(c) >= 0) {
                encoded.append(c);
            } else {
                encoded.append('%').append(String.format(Locale.ROOT, "%02X", (int) c));
            }
        }
        return encoded.toString();
    }

    @Override
    public String toString() {
        return base.toString();
    }
}
