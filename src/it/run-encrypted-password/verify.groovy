import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.contains
import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.log
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

try (InvokerBitbucket bitbucket = InvokerBitbucket.of(context)) {
    bitbucket.created(1)
    String log = log(basedir)
    contains(log, 'Triggered pipeline #42')
    // Maven 4 decrypts while it reads the settings, and refuses to start.
    assert log.contains("server 'encrypted' in settings.xml: its password can't be decrypted") || log.contains('Error building settings')
    assert !log.contains('YOKmAjXVK9wHEhB2H72tvr4inNFkZ0MzfHC')
}
