import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Looks for links of a site that lead to no file, or to no place in it: {@code java .ci/DeadLinks.java target/site}. */
class DeadLinks {
    private static final Pattern LINK = Pattern.compile("(?:href|src)=\"([^\"]+)\"");

    public static void main(String[] args) throws IOException {
        Path site = Path.of(args[0]).toAbsolutePath().normalize();
        List<Path> pages;
        try (Stream<Path> files = Files.walk(site)) {
            // Javadoc and coverage are made by tools that see to their own.
            pages = files.filter(file -> file.toString().endsWith(".html"))
                    .filter(file -> !file.startsWith(site.resolve("apidocs")))
                    .filter(file -> !file.startsWith(site.resolve("jacoco")))
                    .toList();
        }
        int links = 0;
        TreeSet<String> dead = new TreeSet<>();
        for (Path page : pages) {
            Matcher matcher = LINK.matcher(Files.readString(page));
            while (matcher.find()) {
                String link = matcher.group(1).replace("&amp;", "&");
                if (!link.matches("(?i)[a-z][a-z0-9+.-]*:.*|//.*")) {
                    links++;
                    if (!leadsSomewhere(page, link)) {
                        dead.add(site.relativize(page) + ": " + link);
                    }
                }
            }
        }
        dead.forEach(System.out::println);
        System.out.println(pages.size() + " pages, " + links + " local links, " + dead.size() + " dead");
        if (pages.isEmpty() || !dead.isEmpty()) {
            System.exit(1);
        }
    }

    private static boolean leadsSomewhere(Path page, String link) throws IOException {
        int hash = link.indexOf('#');
        String path = URLDecoder.decode((hash < 0 ? link : link.substring(0, hash)).replaceAll("\\?.*", ""), StandardCharsets.UTF_8);
        Path target = path.isEmpty() ? page : page.resolveSibling(path).normalize();
        if (Files.isDirectory(target)) {
            target = target.resolve("index.html");
        }
        if (!Files.exists(target)) {
            return false;
        }
        String place = hash < 0 ? "" : URLDecoder.decode(link.substring(hash + 1), StandardCharsets.UTF_8);
        if (place.isEmpty() || !target.toString().endsWith(".html")) {
            return true;
        }
        String text = Files.readString(target);
        return text.contains("id=\"" + place + "\"") || text.contains("name=\"" + place + "\"");
    }
}
