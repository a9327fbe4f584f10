import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.contains
import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.log
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

try (InvokerBitbucket bitbucket = InvokerBitbucket.of(context)) {
    bitbucket.created(1)
    String log = log(basedir)
    contains(log, 'Triggered pipeline #42')
    if (log.contains('Apache Maven 4')) {
        // It decrypts while it reads the settings, and refuses to start: in its own words, which show the encrypted password.
        contains(log, 'Error building settings', 'Could not decrypt password')
    } else {
        contains(log, "server 'encrypted' in settings.xml: its password can't be decrypted",
                "✗ The server 'encrypted' in settings.xml: its password can't be decrypted")
        assert !log.contains('YOKmAjXVK9wHEhB2H72tvr4inNFkZ0MzfHC')
    }
}
