import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.contains
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

try (InvokerBitbucket bitbucket = InvokerBitbucket.of(context)) {
    contains(bitbucket.failed(basedir, 'ERROR.'), "Bitbucket's error: The bitbucket-pipelines.yml is broken at line 7.")
}
