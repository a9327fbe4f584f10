import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.contains
import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.log
import io.github.bitbucketpipelines.maven.definition.PipelinesFile
import io.github.bitbucketpipelines.maven.testing.ForkedMaven
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket
import java.time.Duration
import org.codehaus.groovy.control.CompilationUnit
import org.codehaus.groovy.control.Phases
import org.snakeyaml.engine.v2.api.Load
import org.snakeyaml.engine.v2.api.LoadSettings

File examples = new File(basedir, 'examples')

// Runs one of the examples' own commands in this project, as a rehearsal.
def rehearse = { String name, String command ->
    def arguments = command.replaceFirst(/^(exec )?mvn /, '').replaceAll(/\$\w+/, 'v1').split(/\s+/).toList()
    try (ForkedMaven maven = ForkedMaven.start(basedir, new File(basedir, "${name}.log"), arguments + ['-Dbitbucket.rehearse',
            '-s', '../../interpolated-settings.xml', "-Dmaven.repo.local=$localRepositoryPath".toString()])) {
        def exit = maven.exitWithin(Duration.ofMinutes(1))
        assert exit.present && exit.asInt == 0: maven.console()
        return maven.console()
    }
}
def yaml = { String path -> new Load(LoadSettings.builder().build()).loadFromString(new File(examples, path).text) }

try (InvokerBitbucket bitbucket = InvokerBitbucket.of(context)) {
    // Releases: without a release the tag is still HEAD.
    contains(log(basedir), '[rehearsal] Triggered pipeline #6 deploy-to-production on tag HEAD of acme/shop')

    String actions = yaml('github-actions/release.yml').jobs.deploy.steps*.run.find()
    contains(rehearse('github-actions', actions), 'Triggered pipeline #6 deploy-to-production on branch main of acme/shop')

    String pipelines = 'bitbucket-pipelines/bitbucket-pipelines.yml'
    String script = yaml(pipelines).pipelines.branches.main[0].step.script[1]
    contains(rehearse('bitbucket-pipelines', script),
            'Triggered pipeline #6 system-test on branch main of acme/system-tests')
    PipelinesFile.read(new File(examples, pipelines).text)

    String goal = (script =~ /io\.github\S+:run/)[0]
    def commands = ['Jenkinsfile', 'Jenkinsfile.environment'].collect { name ->
        File file = new File(examples, "jenkins/$name")
        def unit = new CompilationUnit()
        unit.addSource(file)
        unit.compile(Phases.CONVERSION)
        return (file.text =~ /sh '(mvn .*)'/)[0][1]
    }
    // withMaven gives the -B.
    assert commands[0].replace('mvn ', 'mvn -B ') == commands[1]
    // With the POM of the README: no parameter of the command is without effect.
    String console = rehearse('jenkins', commands[1] + ' -f readme/pom.xml -Dbitbucket.repository=acme/shop'
            + ' -Dbitbucket.branch=main -Dmaven.deploy.skip -Dmaven.install.skip')
    contains(console, 'Triggered pipeline #6 deploy-to-production on branch main of acme/shop')
    assert !console.contains('no effect')

    // The commands that README and site show: each that triggers, checks or lists, and each with the README's profile.
    List<File> pages = [new File(basedir, '../../../../README.md')]
    new File(basedir, '../../../../src/site/markdown').eachFileRecurse { if (it.name.endsWith('.md')) pages << it }
    List<String> shown = pages.collectMany { page ->
        (page.text =~ /(?ms)^```(\w*)\n(.*?)^```$/).findAll { !it[1] }.collect { it[2].readLines() }.flatten()
    }.findAll { it =~ /^mvn .*(bitbucket-pipelines\S*:(run|trigger|preflight|status)\b|-Prelease)/ && !it.contains('$(') }
            .unique()
    assert shown.size() >= 10
    shown.eachWithIndex { line, i ->
        String shownCommand = line.replaceAll(/ &&.*/, '').replaceAll(/ [\w.]*bitbucket-pipelines(:bitbucket-pipelines-maven-plugin:[^:]+)?:/) {
            ' ' + goal.replaceAll(/run$/, '')
        }
        if (shownCommand =~ /-Prelease|@/) {
            shownCommand += ' -f readme/pom.xml -Prelease -Dmaven.deploy.skip -Dmaven.install.skip'
        }
        ['repository=acme/shop', 'branch=main'].each {
            if (!shownCommand.contains('-Dbitbucket.' + it.replaceAll(/=.*/, '='))) {
                shownCommand += " -Dbitbucket.$it"
            }
        }
        rehearse("shown-${i + 1}", shownCommand)
    }
    bitbucket.created(0)
}
return
