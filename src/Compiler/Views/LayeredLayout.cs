namespace Mtlc.Compiler.Views;

/// <summary>
/// Places boxes in layers from left to right (Sugiyama et al. 1981): layers by the longest way from the picture, arrows over
/// several layers held apart by dummies, order by barycenters, then heights that straighten the arrows. </summary>
sealed class LayeredLayout
{
    const int Sweeps = 12;

    /// <summary>A box, or the bend of an arrow that passes a layer.</summary>
    internal sealed class Place(string name, bool isBend)
    {
        public string Name { get; } = name;
        public bool IsBend { get; } = isBend;
        public int Layer { get; set; }
        public double Y { get; set; }
        public List<Place> Left { get; } = [];
        public List<Place> Right { get; } = [];
    }

    readonly Dictionary<string, Place> places = new(StringComparer.Ordinal);
    readonly Dictionary<DrawnArrow, List<Place>> routes = [];
    readonly List<List<Place>> layers = [];

    public LayeredLayout(Drawing drawing, double boxHeight, double bendHeight)
    {
        foreach (var box in drawing.Boxes)
            places.Add(box.Name, new(box.Name, isBend: false));
        AssignLayers(drawing);
        foreach (var arrow in drawing.Arrows)
            routes[arrow] = Route(arrow);
        for (var sweep = 0; sweep < Sweeps; sweep++)
            Order(rightward: sweep % 2 == 0);
        for (var i = 0; i < layers.Count; i++)
            Stack(layers[i], boxHeight, bendHeight);
        for (var sweep = 0; sweep < Sweeps; sweep++)
            Straighten(rightward: sweep % 2 == 0, boxHeight, bendHeight);
    }

    public int LayerCount => layers.Count;

    public Place this[string box] => places[box];

    /// <summary>The places that an arrow passes, its two boxes included.</summary>
    public IReadOnlyList<Place> this[DrawnArrow arrow] => routes[arrow];

    public IEnumerable<Place> All => layers.SelectMany(l => l);

    void AssignLayers(Drawing drawing)
    {
        // Declarations form no cycle, so as many rounds as boxes settle the longest ways.
        for (var (round, changed) = (0, true); changed && round < drawing.Boxes.Length; round++)
        {
            changed = false;
            foreach (var arrow in drawing.Arrows)
            {
                var (from, to) = (places[arrow.From], places[arrow.To]);
                if (to.Layer <= from.Layer)
                    (to.Layer, changed) = (from.Layer + 1, true);
            }
        }
        var last = places.Values.Max(p => p.Layer);
        foreach (var task in drawing.Boxes.Where(b => b.Kind == "task"))
            places[task.Name].Layer = Math.Max(last, 1);
        for (var i = 0; i <= places.Values.Max(p => p.Layer); i++)
            layers.Add([]);
        foreach (var box in drawing.Boxes)
            layers[places[box.Name].Layer].Add(places[box.Name]);
    }

    List<Place> Route(DrawnArrow arrow)
    {
        var (from, to) = (places[arrow.From], places[arrow.To]);
        var route = new List<Place> { from };
        for (var layer = from.Layer + 1; layer < to.Layer; layer++)
        {
            var bend = new Place("", isBend: true) { Layer = layer };
            layers[layer].Add(bend);
            route.Add(bend);
        }
        route.Add(to);
        for (var i = 1; i < route.Count; i++)
        {
            route[i - 1].Right.Add(route[i]);
            route[i].Left.Add(route[i - 1]);
        }
        return route;
    }

    void Order(bool rightward)
    {
        foreach (var layer in rightward ? layers : Enumerable.Reverse(layers))
        {
            var position = layers
                .SelectMany(l => l.Select((p, i) => (p, Share: (i + 0.5) / l.Count)))
                .ToDictionary(p => p.p, p => p.Share);
            var ordered = layer
                .Select((p, i) => (Place: p, Key: Mean(rightward ? p.Left : p.Right, n => position[n]) ?? position[p], Index: i))
                .OrderBy(p => p.Key)
                .ThenBy(p => p.Index)
                .Select(p => p.Place)
                .ToList();
            layer.Clear();
            layer.AddRange(ordered);
        }
    }

    static void Stack(List<Place> layer, double boxHeight, double bendHeight)
    {
        var y = -layer.Sum(p => p.IsBend ? bendHeight : boxHeight) / 2;
        foreach (var place in layer)
        {
            var height = place.IsBend ? bendHeight : boxHeight;
            place.Y = y + height / 2;
            y += height;
        }
    }

    /// <summary>Draws each place towards its neighbours and keeps the order and the distances.</summary>
    void Straighten(bool rightward, double boxHeight, double bendHeight)
    {
        foreach (var layer in rightward ? layers : Enumerable.Reverse(layers))
        {
            var wanted = layer.Select(p => Mean([.. p.Left, .. p.Right], n => n.Y) ?? p.Y).ToArray();
            var down = Spread(layer, wanted, 1);
            var up = Spread(layer, wanted, -1);
            for (var i = 0; i < layer.Count; i++)
                layer[i].Y = (down[i] + up[i]) / 2;
        }

        double[] Spread(List<Place> layer, double[] wanted, int direction)
        {
            var y = (double[])wanted.Clone();
            for (var k = 1; k < layer.Count; k++)
            {
                var (i, before) = direction > 0 ? (k, k - 1) : (layer.Count - 1 - k, layer.Count - k);
                var distance = ((layer[i].IsBend ? bendHeight : boxHeight) + (layer[before].IsBend ? bendHeight : boxHeight)) / 2;
                y[i] = direction > 0 ? Math.Max(wanted[i], y[before] + distance) : Math.Min(wanted[i], y[before] - distance);
            }
            return y;
        }
    }

    static double? Mean(IReadOnlyCollection<Place> places, Func<Place, double> of) =>
        places.Count == 0 ? null : places.Average(of);
}
