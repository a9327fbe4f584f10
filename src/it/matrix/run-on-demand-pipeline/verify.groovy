import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.consoles
import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.contains
import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.log
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket
import java.security.MessageDigest

try (InvokerBitbucket bitbucket = InvokerBitbucket.of(context)) {
    // One of the first build, and one of the fourth.
    bitbucket.created(2)
    File file = new File(basedir, 'ci/release.yml')
    assert bitbucket.triggers() == [file.text, file.text]
    assert bitbucket.shop().runs()*.variable('VERSION')*.get() == ['1.4.0', '1.4.1']
    String hash = MessageDigest.getInstance('SHA-256').digest(file.bytes).encodeHex()

    List<String> builds = consoles(basedir)
    contains(builds[0],
            'Triggered pipeline #42 release on branch main of acme/shop',
            "Sent ci/release.yml (SHA-256 ${hash}) with the trigger: it is used instead of bitbucket-pipelines.yml, for this run alone",
            'Pipeline #42 release on branch main of acme/shop is SUCCESSFUL')
    contains(builds[1],
            "Parameter 'pipelineFile' (-Dbitbucket.pipelineFile): ci/broken.yml, line 4: it is not valid YAML")
    contains(builds[2],
            "Parameter 'securedVariables': with a pipelineFile, variables are part of a URL")
    contains(builds[3],
            'The response to the trigger was lost, and one run may be the one that it created',
            'pipelines/results/43',
            'BUILD FAILURE')
    contains(builds[4], 'Its steps are those of ci/release.yml', 'Publish', 'Nothing was run on Bitbucket')

    // Nor has the log the query of any build.
    assert !log(basedir).contains('variables%5B')
    assert !log(basedir).contains('target.ref_name=')
}
