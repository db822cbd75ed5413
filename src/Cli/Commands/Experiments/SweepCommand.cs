using System.CommandLine;
using System.Globalization;
using Mtlc.Cli.CommandLine;
using Mtlc.Cli.Errors;
using Mtlc.Cli.Files;
using Mtlc.Cli.Output;
using Mtlc.Cli.Running;
using Mtlc.Compiler.Experiments;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Runtime.Experiments;
using Mtlc.Runtime.Reports.Runs;
using Mtlc.Runtime.Training;

namespace Mtlc.Cli.Commands.Experiments;

/// <summary>`mtlc sweep FILE`: every point of a sweep, each in its own run directory.</summary>
static class SweepCommand
{
    const int RedirectedWidth = 120;

    sealed record Request(
        string File,
        IReadOnlyList<string> Sets,
        string Device,
        int? MaxSteps,
        int Jobs,
        bool IsDryRun,
        string? Tracker,
        bool ChecksMemory,
        int? Point
    )
    {
        /// <summary>The same command for one point, whose number is to follow.</summary>
        public IEnumerable<string> ForPoint(string? sweep, string root) =>
            [
                "sweep",
                File,
                .. sweep is null ? Array.Empty<string>() : ["--sweep", sweep],
                "--out",
                root,
                .. Sets.SelectMany(s => new[] { "--set", s }),
                .. MaxSteps is { } most ? ["--max-steps", most.ToString(CultureInfo.InvariantCulture)] : Array.Empty<string>(),
                .. Device == "auto" ? Array.Empty<string>() : ["--device", Device],
                .. Tracker is null ? Array.Empty<string>() : ["--tracker", Tracker],
                .. ChecksMemory ? Array.Empty<string>() : ["--no-memory-check"],
                "--point",
            ];
    }

    public static Verb Create()
    {
        var (file, set, device, steps) = (Choices.File(), Choices.Set(), Choices.Device(), Choices.MaxSteps());
        var tracker = Choices.Tracker();
        var name = new Option<string?>("--sweep")
        {
            HelpName = "NAME",
            Description = "Which sweep, where the program declares several.",
        };
        var dry = new Option<bool>("--dry-run")
        {
            Description = "Check every point and show the plan: steps, time and memory, roughly. Nothing is trained.",
        };
        var jobs = Choices.Count("--jobs", "How many points at a time. Default: 1.");
        var output = Choices.Out("The folder of the run directories. Default: runs/SWEEP.");
        var unbounded = Choices.NoMemoryCheck();
        var point = Choices.Count("--point", "Run this point alone, by its number in the plan: what the tasks of a cluster do.");
        var launch = new LaunchOptions(
            "Where points are trained: here, or by tasks of a cluster, one a point. --dry-run prints what would be submitted. "
                + "Default: local.",
            LaunchOptions.Local
        );
        var rounds = Choices.Count(
            "--rounds",
            "Slurm: submit the array up to N times; each begins where the one before left points unfinished. Default: 1."
        );
        var mtlc = new Option<string?>("--mtlc")
        {
            HelpName = "COMMAND",
            Description = "How mtlc is called on the cluster. Default: as here; in an image, mtlc.",
        };
        var verb = new Verb(
            "sweep",
            "Run the experiments that a program declares",
            """
            Compiles and checks every point before the first runs. Each point is trained by a process of its own, into a run
            directory named by the digest of its resolved recipe: what is finished is not run again, what was interrupted
            resumes, and a point that fails keeps no other from running. So the same command, typed again, goes on where it
            was stopped or killed. Where the sweep has a halving (stop: halving(...)), points that do worse than others stop
            early.

            Ctrl-C lets the running points finish their step and save. Exit code 3: some points failed or diverged; 75: stopped.

            With --launch the points that are left go to a cluster whose machines share the folder of the runs: a Slurm
            array, or an Indexed Job of Kubernetes. 'mtlc runs' and 'mtlc report' read what they make like any other runs.
            """,
            "mtlc sweep lr.mtl --dry-run",
            "mtlc sweep lr.mtl --jobs 2",
            "mtlc sweep tables.mtl --sweep table2 --set train.epochs=4 --out runs/table2",
            "mtlc sweep lr.mtl --launch slurm --partition gpu --gpus 1 --time 8:00:00",
            "mtlc sweep lr.mtl --launch kubernetes --image registry/mtlc:1 --volume work:/work --dry-run"
        )
        {
            file,
            name,
            set,
            dry,
            jobs,
            output,
            steps,
            device,
            tracker,
            unbounded,
            point,
            rounds,
            mtlc,
        };
        foreach (var option in launch.All)
            verb.Add(option);
        verb.SetAction(parsed =>
        {
            var request = new Request(
                parsed.GetRequiredValue(file),
                parsed.GetRequiredValue(set),
                parsed.GetRequiredValue(device),
                parsed.GetValue(steps),
                parsed.GetValue(jobs) ?? 1,
                parsed.GetValue(dry),
                parsed.GetValue(tracker),
                !parsed.GetValue(unbounded),
                parsed.GetValue(point)
            );
            var target = launch.Target(parsed);
            if (target != LaunchOptions.Slurm && parsed.GetValue(rounds) is not null)
                throw Failure.Usage($"'--rounds' has no meaning with --launch {target}");
            if (target == LaunchOptions.Local && parsed.GetValue(mtlc) is not null)
                throw Failure.Usage("'--mtlc' has no meaning with --launch local");
            if (
                request.Point is not null
                && (target != LaunchOptions.Local || request.IsDryRun || parsed.GetValue(jobs) is not null)
            )
                throw Failure.Usage("'--point' runs one point, here and now", "leave out --launch, --jobs and --dry-run");
            if (request.Tracker is not null)
                Training.OpenTracker(request.Tracker, forManyRuns: true).Dispose(); // each point opens its own
            var compilation = SweepPlan.Compile(
                UserText.Read(request.File),
                UserText.TryRead,
                request.Sets,
                parsed.GetValue(name),
                request.Point
            );
            var error = Terminal.Error;
            error.Writer.Write(
                DiagnosticText.Of(
                    compilation.Diagnostics,
                    compilation.Suppressed,
                    DiagnosticFormat.Human,
                    error.HasColor,
                    error.Width ?? RedirectedWidth
                )
            );
            if (compilation.Plan is not { } plan)
                return ExitCode.ProgramErrors;
            var folder = new SweepFolder(OutputPath.Folder(parsed.GetValue(output) ?? Path.Combine("runs", plan.Name)), plan);
            if (plan.Halving is not null && request.MaxSteps is not null)
                throw Failure.Usage("'--max-steps' and the sweep's halving both say where points stop", "leave one of them out");
            if (plan.Halving is not null && (target != LaunchOptions.Local || request.Point is not null))
                throw Failure.Usage(
                    "a sweep with a halving runs on one machine: which point goes on depends on the scores of the others",
                    "--jobs N trains several at a time"
                );
            if (target == LaunchOptions.Local)
                return request.IsDryRun ? ShowPlan(Terminal.Output, folder, request)
                    : request.Point is { } number ? RunPoint(Terminal.Output, folder, request, number)
                    : Run(Terminal.Output, folder, request);
            var cluster = new SweepLaunch(
                target,
                launch.Job(parsed, plan.Name, Environment.CurrentDirectory),
                parsed.GetValue(mtlc),
                parsed.GetValue(jobs),
                parsed.GetValue(rounds) ?? 1
            );
            return cluster.Run(
                Terminal.Output,
                folder,
                Stored(folder, request),
                request.ForPoint(parsed.GetValue(name), folder.Root),
                request.IsDryRun
            );
        });
        return verb;
    }

    /// <summary>What lies on the disk; it trains nothing.</summary>
    static SweepQueue Stored(SweepFolder folder, Request request) =>
        new(folder, (_, _, _, _) => Task.FromResult(new PointOutcome(0))) { MaxSteps = request.MaxSteps };

    static int ShowPlan(Terminal output, SweepFolder folder, Request request)
    {
        var plan = folder.Plan;
        var estimate = new SweepEstimate(StoredRun.Find(folder.Root), looks: true);
        var queue = Stored(folder, request);
        var table = new TextTable([
            new("point", IsNumber: true),
            .. plan.Paths.Select(p => new TableColumn(p)),
            new("parameters", IsNumber: true),
            new("steps", IsNumber: true),
            new("time", IsNumber: true),
            new("memory", IsNumber: true),
            new("state"),
            new TableColumn("folder", Rank: 1),
        ]);
        var (seconds, left) = (0.0, 0);
        var problems = new List<string>();
        var misfits = new List<(int Point, Diagnostic Diagnostic)>();
        foreach (var point in plan.Points)
        {
            var cost = estimate.Of(point.Program, request.MaxSteps);
            var state = queue.StatusOf(point).State;
            if (point.Same is null && (state is PointState.Waiting or PointState.Failed))
                (seconds, left) = (seconds + (cost.Seconds ?? 0), left + 1);
            if (cost.Problem is { } problem && !problems.Contains(problem))
                problems.Add(problem);
            misfits.AddRange(cost.Misfits.Select(m => (point.Number, m)));
            table.Add([
                point.Number.ToString(CultureInfo.InvariantCulture),
                .. point.Settings.Select(s => s.Label),
                Quantity.Grouped(point.Program.Model.Training.TrainableCount),
                cost.Steps is { } steps ? Quantity.Grouped(steps) : "?",
                cost.Seconds is { } s ? Quantity.Duration(TimeSpan.FromSeconds(s)) : "?",
                string.Create(CultureInfo.InvariantCulture, $"{cost.MemoryBytes / 1e9:0.0} GB"),
                point.Same is { } same ? SweepView.SameAs(same) : state.ToString().ToLowerInvariant(),
                Path.GetFileName(folder.DirectoryOf(point)),
            ]);
        }
        table.Write(output);
        output.WriteLine();
        var basis = estimate.IsMeasured
            ? "from the finished runs of this folder"
            : "a guess, until a run of this folder has finished";
        if (plan.Halving is { } halving)
            ShowRungs(output, halving, folder.Digests.Length);
        var share = plan.Halving?.Share(folder.Digests.Length) ?? 1;
        output.WriteText(
            $"sweep {plan.Name}: {plan.Points.Length} points, {Recipes(folder)}, {left} to run; about "
                + $"{Quantity.Duration(TimeSpan.FromSeconds(seconds * share / request.Jobs))} with --jobs "
                + $"{request.Jobs} ({basis})"
        );
        foreach (var problem in problems)
            output.WriteText($"the data cannot be opened: {problem}", Ink.Yellow);
        try
        {
            Memory(request, estimate).Require(queue.Left, request.Jobs);
        }
        catch (NotEnoughMemoryException e)
        {
            output.WriteText($"memory: {e.Message}; {e.Help}", Ink.Yellow);
        }
        output.Writer.Flush();
        Programs.Show([
            .. misfits.GroupBy(m => m.Diagnostic).Select(g => Told(g.Key, [.. g.Select(m => m.Point)], plan.Points.Length)),
        ]);
        return misfits.Any(m => m.Diagnostic.Severity == Severity.Error) ? ExitCode.ProgramErrors : ExitCode.Done;
    }

    /// <summary>With the points it is about, unless it is about all.</summary>
    static Diagnostic Told(Diagnostic misfit, IReadOnlyList<int> points, int all) =>
        points.Count == all
            ? misfit
            : misfit with
            {
                Notes = [.. misfit.Notes, new($"of point{(points.Count == 1 ? "" : "s")} {string.Join(", ", points)}")],
            };

    static string Recipes(SweepFolder folder) =>
        folder.Digests.Length == 1 ? "1 recipe" : $"{folder.Digests.Length} different recipes";

    /// <summary>How many points come how far, where promotions wait for a whole rung; those made before may be a few
    /// more.</summary>
    static void ShowRungs(Terminal output, Halving halving, int points)
    {
        var table = new TextTable(new("rung", IsNumber: true), new("to epoch", IsNumber: true), new("points", IsNumber: true));
        foreach (var (epochs, rung) in halving.Rungs.Select((e, i) => (e, i)))
            table.Add(Quantity.Grouped(rung + 1), Quantity.Grouped(epochs), Quantity.Grouped(halving.Expected(points, rung)));
        output.WriteText($"halving by {halving.Metric}: the best of every {halving.Factor} goes on to the next rung");
        table.Write(output);
        output.WriteLine();
    }

    static SweepMemory Memory(Request request, SweepEstimate estimate) => new(DeviceMemory.Of(request.Device), estimate.DataOf);

    /// <summary>One point, for a task of a cluster: the exit code says whether it is to begin again.</summary>
    static int RunPoint(Terminal output, SweepFolder folder, Request request, int number)
    {
        if (folder.Plan.Points is not [var point])
            throw Failure.Usage($"sweep {folder.Plan.Name} has no point {number}", "--dry-run shows its points");
        if (folder.Planned(number) is { } planned && planned != point.Digest.Run)
            throw Failure.InputOutput(
                $"point {number} is another than when the sweep was planned: the program has changed",
                "submit the sweep again"
            );
        var failed = 0;
        var end = Run(output, folder, request, outcome => failed = outcome.ExitCode);
        return end == ExitCode.Diverged && failed != 0 ? failed : end;
    }

    static int Run(Terminal output, SweepFolder folder, Request request) => Run(output, folder, request, _ => { });

    static int Run(Terminal output, SweepFolder folder, Request request, Action<PointOutcome> ended)
    {
        using var stop = new StopSignals("stopping after this step of each running point (Ctrl-C again: at once)");
        var estimate = new SweepEstimate([]);
        var steps = folder
            .Plan.Points.DistinctBy(p => p.Digest.Run)
            .ToDictionary(p => p.Digest.Run, p => estimate.Of(p.Program, request.MaxSteps).Steps);
        var trainer = new PointProcess(request.File, request.Sets, request.Device, request.Tracker, request.ChecksMemory, folder);
        SweepView? view = null;
        async Task<PointOutcome> Train(SweepPoint point, string directory, long? limit, CancellationToken stop)
        {
            var outcome = await trainer.Train(point, directory, limit, stop).ConfigureAwait(false);
            ended(outcome);
            return outcome;
        }
        var queue = new SweepQueue(folder, Train, p => view?.Changed(p))
        {
            MaxSteps = request.MaxSteps,
            StepsPerEpoch = p => steps[p.Digest.Run] / p.Program.Train.Epochs,
        };
        if (request.ChecksMemory)
            Memory(request, estimate).Require(queue.Left, request.Jobs);
        if (request.Point is null)
            folder.WritePlan();
        view = new SweepView(output, folder, queue, steps);
        output.WriteText(
            request.Point is { } number
                ? $"sweep {folder.Plan.Name}, point {number}: {(queue.Done > 0 ? "done before" : "to be trained")} "
                    + $"in {folder.DirectoryOf(folder.Plan.Points[0])}"
                : $"sweep {folder.Plan.Name}: {folder.Plan.Points.Length} points, {queue.Done} of "
                    + $"{folder.Digests.Length} recipes "
                    + $"done before; run directories below {folder.Root}"
        );
        var running = queue.Run(request.Jobs, stop.Token);
        while (!running.Wait(TimeSpan.FromSeconds(1), CancellationToken.None))
            view.Draw();
        view.Erase();
        output.WriteLine();
        view.WriteEnd();
        return queue.Count(PointState.Failed, PointState.Diverged) > 0 && !stop.Token.IsCancellationRequested ? ExitCode.Diverged
            : queue.Count(PointState.Waiting, PointState.Stopped, PointState.Locked) > 0 ? ExitCode.Stopped
            : ExitCode.Done;
    }
}
