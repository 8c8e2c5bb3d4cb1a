"""The network of HC-UTAL, its joint training, and a trained model on disk.

One training step from top to bottom, with the equations of the paper (https://doi.org/10.1016/j.patcog.2025.111421)
and the file of each line. Before the first step, the video level learns alone (`Trainer._warm_up`).

    every `refresh` steps:                                                          training.py
        kept = snippets with the highest smoothed actionness of each video          video_level.py, pooling.py
        y = most probable cluster of each video, by g_v of the mean of kept         pseudo_labels.py
    X = T snippets of each video of a batch, which holds pairs of one pseudo-class  packed.py, pseudo_labels.py
    F = relu(g_embed(X));  S = relu(g_cls(F))                                       network.py
    L_cls = cross_entropy(softmax(mean of the top l of S), y)            (9), (10)  losses/classification.py
    F_c = mean of F over the top l of S_c, for each class c of a video              localizer.py
    L_ICL = InfoNCE(F_c: the same class against the others)              (5)        losses/instance.py
    A, B = snippets where the sum of S is highest, and lowest                       mining.py
    A', B' = snippets just inside, and just outside of where it is high             mining.py
    L_BCL = (max(0, q - |A|) + |B|)^2 + InfoNCE(A': A against B)
            + InfoNCE(B': B against A)                                   (6) - (8)  losses/boundary.py
    Zh, Zv = g_h, g_v of two views of kept, for a batch of all videos               video_level.py, network.py
    L_VCL = InfoNCE(rows of Zh) + InfoNCE(columns of Zv) - entropy(Zv)   (2) - (4)  losses/horizontal.py, vertical.py
    L = L_cls + alpha L_VCL + beta L_ICL + gamma L_BCL                   (1), (11)  training.py
    alpha, beta, gamma = from how fast each of the three falls, for the next step   losses/dwa.py

Levels that are off are left out of L and of the weights; y may come from a classic clustering instead (`PseudoLabels`).
`resumption.py` keeps the state of a training between two steps, so that an interrupted one goes on.
`checkpoint.py` saves the network and applies it to a recording; `hcutal/localize` turns what it says into proposals.
"""
