import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.contains
import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.log
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

try (InvokerBitbucket bitbucket = InvokerBitbucket.of(context)) {
    bitbucket.created(0)
    assert bitbucket.embedded().requests().every { it.method() == 'GET' }
    String log = log(basedir)
    // One build after the other, each with its own fault and no other.
    def builds = log.split(/(?m)^\[INFO] Scanning for projects\.\.\.$/).drop(1)
    def expected = [
            [],
            ["✗ No credentials for Bitbucket: settings.xml has no server 'nowhere'"],
            ['✗ Could not list the runs of acme/shop: Bitbucket responded with 401'],
            ["✗ The credentials may not start a run: they lack the scope 'pipeline:write' (they have: pipeline, repository)"],
            ['✗ Could not list the runs of acme/shpo: Bitbucket responded with 404'],
            ['✗ Pipelines is not enabled'],
            ['✗ There is no branch mian: did you mean main?'],
            ['✗ There is no tag v1.0.1: did you mean v1.0.0?'],
            ['✗ There is no commit bbbbbbbbbbbb: was it pushed?'],
            ['✗ There is no bitbucket-pipelines.yml at 5f0c1d2e3f40'],
            ['✗ At 5f0c1d2e3f40 bitbucket-pipelines.yml, line'],
            ["✗ bitbucket-pipelines.yml has no pipeline 'deploy-to-prodution' under custom: did you mean 'deploy-to-production'?"],
            ['✗ No definition of bitbucket-pipelines.yml is for tag v1.0.0'],
            ['✗ Variable ENVIROMENT is not declared by the pipeline: did you mean ENVIRONMENT?'],
            ['✗ Variable VERSION is not given, and has no default (What to deploy)'],
            ["✗ Variable ENVIRONMENT has a value that the pipeline does not allow: did you mean 'production'?; allowed: staging, production"],
            ['✗ There is no pull request 8'],
            [],
            []]
    assert builds.size() == expected.size()
    expected.eachWithIndex { faults, i ->
        faults.each { fault -> assert builds[i].contains('[ERROR] ' + fault) : "build ${i + 1} has no '$fault'" }
        // Once in the list, and once more in the failure, which breaks long lines.
        int shown = builds[i].readLines().findAll { it.startsWith('[ERROR] ✗ ') }.collect { it.take(34) }.unique().size()
        assert shown == faults.size() : "build ${i + 1} shows $shown faults"
        assert builds[i].contains(faults ? 'BUILD FAILURE' : 'BUILD SUCCESS')
    }
    contains(builds[0],
            '[INFO] ✓ The credentials are valid, and may read the runs of acme/shop',
            '[INFO] ✓ Their scopes allow to start a run',
            '[INFO] ✓ The repository is acme/shop',
            '[INFO] ✓ Pipelines is enabled',
            '[INFO] ✓ Branch main is at 5f0c1d2e3f40',
            '[INFO] ✓ bitbucket-pipelines.yml is there, and can be read',
            '[INFO] ✓ Pipeline deploy-to-production is there',
            '[INFO] ✓ The variables are as the pipeline declares them')
    contains(builds[17], '[WARNING] ? It is imported from repository acme-pipelines: its steps and variables were not checked')
    contains(builds[18],
            '[WARNING] ? Whether Pipelines is enabled: Bitbucket shows it only to tokens with administrator',
            '[WARNING] ? Whether branch main is there: Could not read branch main of acme/shop: Bitbucket responded with 403')
}
